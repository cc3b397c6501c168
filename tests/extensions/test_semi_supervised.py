"""Few labels: which are drawn, what is read of a network, and accuracies counted by hand."""

import numpy as np
import pytest
import torch

from gan_repro.errors import UserError
from gan_repro.extensions.semi_supervised import (
    SemiSupervisedOptions,
    hidden_features,
    label_draws,
    linear_accuracy,
    network_accuracy,
    standardised,
)
from gan_repro.networks.build import build_discriminator
from gan_repro.networks.modules import Maxout
from gan_repro.networks.specs import Discriminator

PLAYER = Discriminator(
    layers=[
        {"type": "maxout", "units": 7, "pieces": 2, "irange": 0.5, "keep": 0.5},
        {"type": "maxout", "units": 5, "pieces": 3, "irange": 0.5, "keep": 0.5},
        {"type": "sigmoid", "units": 1, "irange": 0.5},
    ]
)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_sets_of_labels_are_even_over_classes_and_differ(digits_images):
    _, dataset = digits_images
    draws = list(label_draws(dataset, 53, 3, rng()))
    targets = dataset.labels[dataset.train]
    for rows in draws:
        assert len(set(rows.tolist())) == 53
        assert sorted(np.bincount(targets[rows])) == [5] * 7 + [6] * 3
    assert not np.array_equal(draws[0], draws[1])
    with pytest.raises(UserError, match="5000 need more training images of some class"):
        next(label_draws(dataset, 5_000, 1, rng()))


def test_features_are_every_hidden_layer_without_dropout():
    network = build_discriminator(PLAYER, 6, rng())
    network.use_rng(rng(1))
    x = torch.rand(9, 6, generator=rng(2))
    found = hidden_features(network, x, Maxout)
    np.testing.assert_array_equal(found, hidden_features(network, x, Maxout))
    assert found.shape == (9, 12)
    network.eval()
    last = network[-1] if isinstance(network[-1], torch.nn.Linear) else None
    logits = network(x).detach()
    if last is not None:
        again = torch.from_numpy(found[:, 7:]) @ last.weight.T + last.bias
        torch.testing.assert_close(again.detach(), logits)


def points(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two clouds that a line separates, and their classes."""
    draws = np.random.default_rng(seed)
    y = np.arange(count) % 2
    return draws.normal(size=(count, 2)) * 0.2 + 3 * y[:, None] - 1.5, y


def test_accuracies_are_shares_of_right_answers():
    x, y = points(40, 0)
    test, truth = points(30, 1)
    assert linear_accuracy(x, y, test, truth) == 1
    flipped = truth.copy()
    flipped[:6] = 1 - flipped[:6]
    assert linear_accuracy(x, y, test, flipped) == pytest.approx(24 / 30)


def test_a_network_learns_from_labels_alone():
    x, y = points(60, 2)
    test, truth = points(50, 3)
    options = SemiSupervisedOptions(
        labels=(60,), network_steps=150, network_rate=0.02, network_batch=30,
        inference={"hidden": [4], "steps": 1},
    )  # fmt: skip
    pair = torch.from_numpy(x).float(), torch.from_numpy(y)
    answers = torch.from_numpy(test).float(), torch.from_numpy(truth)
    assert network_accuracy(PLAYER, pair, answers, options, rng()) > 0.95
    none = options.model_copy(update={"network_rate": 1e-9})
    assert network_accuracy(PLAYER, pair, answers, none, rng()) < 0.95


def test_standardising_uses_the_training_images_alone():
    train, test = np.random.default_rng(4).normal(3, 2, (2, 50, 3))
    train[:, 2] = 7
    ours, theirs = standardised(train, test)
    np.testing.assert_allclose(ours[:, :2].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(ours[:, :2].std(axis=0), 1)
    np.testing.assert_allclose(theirs[:, 0], (test[:, 0] - train[:, 0].mean()) / train[:, 0].std())
    assert (ours[:, 2] == 0).all()
