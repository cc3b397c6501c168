"""Completions and how they are judged."""

import numpy as np
import pytest
import torch

from gan_repro.extensions.completion import (
    CompletionOptions,
    completion_scores,
    make_masks,
    nearest_by_seen,
)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_scores_are_those_of_loops():
    x, draws = torch.rand(3, 6, generator=rng()), torch.rand(4, 3, 6, generator=rng(1))
    masks = (torch.rand(3, 6, generator=rng(2)) < 0.5).float()
    masks[:, 0] = 0
    found = completion_scores(draws, x, masks)
    for image in range(3):
        hidden = masks[image].numpy() == 0
        target, own = x[image].numpy()[hidden], draws[:, image].numpy()[:, hidden]
        assert float(found["draw"][image]) == pytest.approx(np.mean((own - target) ** 2), rel=1e-5)
        middle = np.mean((own.mean(axis=0) - target) ** 2)
        assert float(found["mean of draws"][image]) == pytest.approx(middle, rel=1e-5)
        outer = np.mean([np.linalg.norm(draw - target) for draw in own])
        pairs = [np.linalg.norm(own[i] - own[j]) for i in range(4) for j in range(4) if i != j]
        assert float(found["energy"][image]) == pytest.approx(outer - np.mean(pairs) / 2, rel=1e-4)
        spread = own.var(axis=0, ddof=1).mean()
        assert float(found["spread"][image]) == pytest.approx(spread, rel=1e-4)


def test_draws_from_the_truth_have_the_least_energy():
    """Where the squared error prefers the mean, the energy score prefers what is distributed so."""
    x = torch.randn(4_000, 2, generator=rng(3))
    masks = torch.zeros_like(x)
    truth, narrow, wide = (
        scale * torch.randn(8, 4_000, 2, generator=rng(4)) for scale in (1, 0.2, 2)
    )
    energies = [completion_scores(d, x, masks)["energy"].mean() for d in (truth, narrow, wide)]
    assert energies[0] < min(energies[1:])
    errors = [completion_scores(d, x, masks)["draw"].mean() for d in (truth, narrow)]
    assert errors[1] < errors[0]


def test_masks_are_halves_and_shares():
    masks = make_masks((4, 6), CompletionOptions(images=500, shares=(0.25,)), rng())
    assert len(masks) == 5
    top, left = (masks[f"{side} half seen"][0].view(4, 6) for side in ("top", "left"))
    assert top[:2].all()
    assert not top[2:].any()
    assert left[:, :3].all()
    assert not left[:, 3:].any()
    for one, other in (("top", "bottom"), ("left", "right")):
        assert (masks[f"{one} half seen"] + masks[f"{other} half seen"] == 1).all()
    assert masks["25 % seen"].mean().item() == pytest.approx(0.25, abs=0.02)


def test_neighbours_are_nearest_in_what_is_seen_alone():
    training = torch.rand(40, 5, generator=rng(5))
    images = torch.rand(6, 5, generator=rng(6))
    masks = torch.tensor([1.0, 1, 0, 1, 0]).expand(6, 5)
    found = nearest_by_seen(images, masks, training, 3)
    for image, near in zip(images, found, strict=True):
        distances = ((training - image)[:, [0, 1, 3]] ** 2).sum(dim=1)
        torch.testing.assert_close(near, training[distances.argsort()[:3]])
