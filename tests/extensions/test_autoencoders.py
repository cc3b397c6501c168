"""Chains of a GSN against one whose transition is known, and its errors pixel by pixel."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gan_repro.baselines.chains import Chains
from gan_repro.baselines.gsn_chain import GsnSpec, initial_weights
from gan_repro.config.extensions import Entry
from gan_repro.errors import UserError
from gan_repro.extensions import autoencoders
from gan_repro.extensions.autoencoders import (
    AutoencoderOptions,
    clamped_errors,
    integrated_time,
    reconstruction_errors,
)
from gan_repro.extensions.extension import Context

CPU = torch.device("cpu")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Moving:
    """A chain that moves every pixel one place on, in place of `Gsn`; corrupting dims pixels."""

    dimming = 1.0

    def __init__(self, *_) -> None:
        """Take what a GSN does."""

    def corrupt(self, x: torch.Tensor) -> torch.Tensor:
        return self.dimming * x

    def start(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.corrupt(images), images.new_zeros(len(images), 1)

    def advance(
        self, state: tuple[torch.Tensor, torch.Tensor]
    ) -> tuple[tuple[torch.Tensor, torch.Tensor], torch.Tensor]:
        x, h2 = state
        means = x.roll(1, dims=1)
        return (means, h2), means


class Dimming(Moving):
    dimming = 0.5


def run_of(noise: float = 0.0, walkback: int = 3) -> SimpleNamespace:
    model = SimpleNamespace(noise=noise, walkback=walkback)
    return SimpleNamespace(experiment=SimpleNamespace(model=model), tensors={})


def autoregressive(rho: float, steps: int, chains: int) -> np.ndarray:
    """Stationary chains x' = ρx + √(1 − ρ²)ε in four dimensions."""
    draws = np.random.default_rng(5)
    x, rows = draws.standard_normal((chains, 4)), []
    for _ in range(steps):
        x = rho * x + (1 - rho**2) ** 0.5 * draws.standard_normal((chains, 4))
        rows.append(x)
    return np.stack(rows)


def test_what_is_seen_is_put_back_and_fills_the_rest(monkeypatch):
    """A white image, its first pixel seen: white moves on by a pixel in each transition.

    Means are 0100, 0110, 0111 and 1111 from then on, and errors those of means over their second
    half.
    """
    monkeypatch.setattr(autoencoders, "Gsn", Moving)
    x, seen = torch.ones(1, 4), torch.tensor([[1.0, 0, 0, 0]])
    found = clamped_errors(run_of(), x, seen, torch.zeros(1, 4), 6, 0)
    expected = [2 / 3, (1 / 4 + 1) / 3, 1 / 4 / 3, 1 / 9 / 3, 0, 0]
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-6)


def clamped_by_loops(
    x: list[float], seen: list[float], start: list[float], transitions: int, dimming: float
) -> list[float]:
    """Return the errors of one image's chain, each pixel moved, put back and compared alone."""
    places = range(len(x))
    state = [dimming * (x[j] if seen[j] else start[j]) for j in places]
    kept, errors = [], []
    for _ in range(transitions):
        kept.append([state[j - 1] for j in places])
        state = [dimming * x[j] if seen[j] else kept[-1][j] for j in places]
        later = kept[(len(kept) - 1) // 2 :]
        mean = [sum(means[j] for means in later) / len(later) for j in places]
        hidden = [j for j in places if not seen[j]]
        errors.append(sum((mean[j] - x[j]) ** 2 for j in hidden) / len(hidden))
    return errors


@pytest.mark.parametrize("chain", [Moving, Dimming])
def test_errors_of_completions_are_those_of_loops(monkeypatch, chain):
    monkeypatch.setattr(autoencoders, "Gsn", chain)
    x, starts = torch.rand(4, 7, generator=rng(1)), torch.rand(4, 7, generator=rng(2))
    masks = (torch.rand(4, 7, generator=rng(3)) < 0.5).float()
    masks[:, 2], masks[:, 5] = 1, 0
    # Images of more and of fewer unseen pixels.
    assert len(set(masks.sum(dim=1).tolist())) > 1
    found = clamped_errors(run_of(), x, masks, starts, 9, 0)
    for image in range(4):
        parts = (part[image].tolist() for part in (x, masks, starts))
        expected = clamped_by_loops(*parts, 9, chain.dimming)
        np.testing.assert_allclose(found[:, image], expected, rtol=1e-5)


@pytest.mark.parametrize("walkback", [1, 3])
def test_a_reconstruction_is_scored_by_the_mean_over_a_walk(monkeypatch, walkback):
    monkeypatch.setattr(autoencoders, "Gsn", Moving)
    x = torch.rand(5, 6, generator=rng(4))
    found = reconstruction_errors(run_of(walkback=walkback), x, rng())
    for row, error in zip(x.numpy(), found, strict=True):
        each = [((np.roll(row, n) - row) ** 2).mean() for n in range(1, walkback + 1)]
        assert float(error) == pytest.approx(np.mean(each), rel=1e-5)


@pytest.fixture
def grey() -> SimpleNamespace:
    """A GSN whose means are ¼ wherever its chain is, with all of its noise."""
    spec = GsnSpec(
        kind="gsn", hidden=(6, 5), walkback=4, salt_and_pepper=0.4, noise=2.0, learning_rate=0.25,
        chains=Chains(count=1),
    )  # fmt: skip
    weights = {name: 0 * part for name, part in initial_weights(spec, 8, rng()).items()}
    weights["b0"] = torch.full((8,), -np.log(3.0))
    return SimpleNamespace(experiment=SimpleNamespace(model=spec), tensors=weights)


def test_only_unseen_pixels_of_a_completion_are_judged(grey):
    x, masks = torch.rand(3, 8, generator=rng(5)), torch.zeros(3, 8)
    masks[0, :4], masks[1, 1:], masks[2, ::2] = 1, 1, 1
    found = clamped_errors(grey, x, masks, torch.zeros(3, 8), 3, 0)
    expected = [
        ((row[seen == 0] - 0.25) ** 2).mean()
        for row, seen in zip(x.numpy(), masks.numpy(), strict=True)
    ]
    np.testing.assert_allclose(found, np.tile(expected, (3, 1)), rtol=1e-5)


def test_all_pixels_of_a_reconstruction_are_judged(grey):
    x = torch.rand(3, 8, generator=rng(6))
    expected = ((x.numpy() - 0.25) ** 2).mean(axis=1)
    np.testing.assert_allclose(reconstruction_errors(grey, x, rng()), expected, rtol=1e-5)


def test_the_time_of_all_chains_lies_between_those_of_groups_of_five(monkeypatch):
    quick, slow = (autoregressive(rho, 2_000, 5) for rho in (0.0, 0.8))
    draws = np.concatenate([quick, slow], axis=1)
    monkeypatch.setattr(autoencoders, "draw_chains", lambda *_: draws)
    found = integrated_time(run_of(), AutoencoderOptions(images=2, chains=10), CPU)
    # (1 + ρ) / (1 − ρ)
    assert found.low == pytest.approx(1, abs=0.1)
    assert found.high == pytest.approx(9, rel=0.15)
    assert found.low < found.value < found.high
    assert found.repeats == 2


NOISES = {"noise_3": 3.0, "noise_0_3": 0.3, "noise_1": 1.0, "chain": 1.0}
# By noise: ρ of the chains, and the validation scores of the runs.
CORRELATIONS = {0.3: 0.9, 1.0: 0.6, 3.0: 0.0}
SCORES = {0.3: -2.0, 1.0: -5.0, 3.0: -3.0}


@pytest.fixture
def measured(tiny, tmp_path, monkeypatch):
    """Findings on three noises, and the context; the more noise, the worse and the faster."""

    def folder(self: Context, role: str, seed: int) -> SimpleNamespace:
        record = SimpleNamespace(chosen=SimpleNamespace(valid_ll=SCORES[NOISES[role]]))
        return SimpleNamespace(read_record=lambda: record)

    def errors(run: SimpleNamespace, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return run.experiment.model.noise * torch.tensor([0.1, 0.3])

    def chains(run: SimpleNamespace, count: int, steps: int, device: torch.device) -> np.ndarray:
        return autoregressive(CORRELATIONS[run.experiment.model.noise], steps, count)

    monkeypatch.setattr(Context, "restored", lambda self, role, seed: run_of(NOISES[role]))
    monkeypatch.setattr(Context, "folder", folder)
    monkeypatch.setattr(autoencoders, "Gsn", Moving)
    monkeypatch.setattr(autoencoders, "reconstruction_errors", errors)
    monkeypatch.setattr(autoencoders, "draw_chains", chains)
    entry = Entry(experiments={role: role for role in NOISES})
    context = Context("autoencoders", tiny, entry, tmp_path, CPU)
    options = AutoencoderOptions(images=10, chains=5, steps=400, transitions=4)
    return autoencoders.measure(context, options), context


def test_noises_are_in_order_and_ranked_against_error_and_time(measured):
    found, _ = measured
    assert found.series["noise"] == (0.3, 1, 3)
    assert found.series["reconstruction error"] == pytest.approx((0.06, 0.2, 0.6))
    assert found.series["validation parzen"] == (-2, -5, -3)
    slow, middle, quick = found.series["transitions"]
    assert slow > middle > quick
    assert found.measures["transitions per independent draw/0.3"].value == slow
    assert found.measures["validation parzen/1"].value == -5
    rank = "rank correlation/noise and"
    assert found.measures[f"{rank} reconstruction error"].value == pytest.approx(1)
    assert found.measures[f"{rank} transitions"].value == pytest.approx(-1)


def test_the_lower_half_is_completed_from_the_upper_one_and_judged_beside_the_mean_image(measured):
    """In 2 × 2 images the second pixel moves on into the third and, later, the fourth."""
    found, context = measured
    measures, x = found.measures, context.test.numpy()
    last = ((x[:, [1]] - x[:, 2:]) ** 2).mean()
    for name in ("after 4 transitions", "from coin flips"):
        assert measures[f"clamped/{name}"].value == pytest.approx(last, rel=1e-5)
    first = measures["clamped/after 1 transition"].value
    assert first != pytest.approx(last, rel=1e-3)
    assert measures["clamped/saved by the chain"].value == pytest.approx(first - last, rel=1e-4)
    assert found.series["clamped error"][0] == pytest.approx(first)
    filled = ((context.train.numpy().mean(axis=0) - x)[:, 2:] ** 2).mean()
    assert measures["clamped/mean image"].value == pytest.approx(filled, rel=1e-5)


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (["chain"], "these have none"),
        (["chain", "noise_3"], "these have 3"),
        (["chain", "noise_1", "noise_1_again"], "these have 1, 1"),
        (["chain", "noise_1", "noise_1_again", "noise_3"], "these have 1, 1, 3"),
    ],
)
def test_chains_of_one_noise_are_not_ranked(roles, said, tiny, tmp_path, monkeypatch):
    noises = NOISES | {"noise_1_again": 1.0}
    monkeypatch.setattr(Context, "restored", lambda self, role, seed: run_of(noises[role]))
    context = Context(
        "autoencoders", tiny, Entry(experiments=dict.fromkeys(roles, "x")), tmp_path, CPU
    )
    with pytest.raises(UserError, match=said):
        autoencoders.measure(context, AutoencoderOptions(images=10))
