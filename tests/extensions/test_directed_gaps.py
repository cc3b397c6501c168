"""What inference in a VAE lacks, where its posterior is known; and how soon scores are reached."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy import stats

from gan_repro.baselines.vae_model import Vae
from gan_repro.config.extensions import Entry
from gan_repro.extensions import directed
from gan_repro.extensions.annealing import Proposal
from gan_repro.extensions.directed import DirectedOptions
from gan_repro.extensions.extension import Context
from gan_repro.networks.build import build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start

DEVIATION = 0.4


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def options(chains: int, temperatures: int, **changes) -> DirectedOptions:
    annealing = {"chains": chains, "temperatures": temperatures}
    return DirectedOptions(
        images=4, bounds=(1, 50), annealing=annealing, small_epochs=1, small_grid=31, **changes
    )


@pytest.fixture(scope="module")
def vae() -> Vae:
    """A linear decoder of two latents in four dimensions, and a poor encoder."""
    decoder = build_stack((Dense(type="linear", units=4, irange=1.0),), 2, Start(rng(1)))
    encoder = build_stack((Dense(type="linear", units=4, irange=0.2),), 4, Start(rng(2)))
    halves = [network.double().requires_grad_(False) for network in (encoder, decoder)]
    return Vae(*halves, torch.tensor([math.log(DEVIATION)], dtype=torch.float64))


@pytest.fixture
def context(tiny, tmp_path) -> Context:
    roles = {"vae": "of_vae", "adversarial": "of_adversarial"}
    return Context("directed", tiny, Entry(experiments=roles), tmp_path, torch.device("cpu"))


class Known(NamedTuple):
    """What is in closed form for a linear decoder, whose posteriors are Gaussian.

    Attributes:
        evidence: mean of log p(x).
        encoder: mean of KL(q ‖ p(u | x)) of the encoder.
        best: the same of the best factorised Gaussians.
        proposal: these.
    """

    evidence: float
    encoder: float
    best: float
    proposal: Proposal


def known(vae: Vae, x: torch.Tensor) -> Known:
    """Return what is known of (n, 4) images."""
    origin = vae.decoder(torch.zeros(1, 2, dtype=torch.float64))
    basis = (vae.decoder(torch.eye(2, dtype=torch.float64)) - origin).numpy()
    covariance = basis.T @ basis + DEVIATION**2 * np.eye(4)
    evidence = stats.multivariate_normal(origin[0].numpy(), covariance).logpdf(x.numpy())
    precision = basis @ basis.T / DEVIATION**2 + np.eye(2)
    middles = (x - origin).numpy() @ basis.T / DEVIATION**2 @ np.linalg.inv(precision)

    def divergence(mean: np.ndarray, variance: np.ndarray, middle: np.ndarray) -> float:
        square = (mean - middle) @ precision @ (mean - middle)
        logs = np.log(np.linalg.det(precision)) + np.log(variance).sum()
        return 0.5 * (precision.diagonal() @ variance + square - 2 - logs)

    means, log_variances = (part.numpy() for part in vae.posterior(x))
    own = map(divergence, means, np.exp(log_variances), middles)
    best = 1 / precision.diagonal()
    deviations = np.tile(np.sqrt(best), (len(x), 1))
    return Known(
        evidence.mean(),
        np.mean(list(own)),
        divergence(middles[0], best, middles[0]),
        Proposal(torch.from_numpy(middles), torch.from_numpy(deviations)),
    )


@pytest.fixture(autouse=True)
def refined(monkeypatch):
    """Optimised inference comes to an end at once."""
    monkeypatch.setattr(directed, "refine", lambda vae, x, *_: known(vae, x).proposal)


def test_gaps_of_inference_are_divergences_from_the_posterior(vae, context):
    x = torch.rand(4, 4, generator=rng(3), dtype=torch.float64)
    found = directed._bounds(context, options(30, 30, draws=2_000), vae, x, 2)
    values = {name: measure.value for name, measure in found.items()}
    evidence, encoder, best, _ = known(vae, x)
    assert values["log p(x)/AIS"] == pytest.approx(evidence, abs=0.1)
    assert values["log p(x)/prior alone"] == pytest.approx(evidence, abs=0.2)
    assert values["log p(x)/1 importance samples"] == pytest.approx(evidence - encoder, rel=0.05)
    assert encoder > best + 0.5
    assert values["gap/encoder"] == pytest.approx(encoder, rel=0.05)
    assert values["gap/refined"] == pytest.approx(best, abs=0.1)
    assert values["gap/of amortising"] == pytest.approx(encoder - best, rel=0.05)
    rest = values["gap/most importance samples"]
    assert rest == pytest.approx(values["log p(x)/AIS"] - values["log p(x)/50 importance samples"])
    assert -0.1 < rest < values["gap/encoder"]


def test_the_bounds_are_apart_after_few_temperatures_and_meet_after_many(vae):
    """With chains that start four times too wide, so that there is a way to go."""
    few, many = (
        directed._two_sided(options(*size, widen=4.0), vae, 30, 2, rng(4))
        for size in ((4, 2), (40, 30))
    )
    assert few.low > 0.3
    assert abs(many.value) < few.low / 2


def test_where_latents_are_integrated_a_bound_errs_below_and_ais_hardly(vae, context, monkeypatch):
    monkeypatch.setattr(directed, "train_small", lambda *_: vae)
    found = directed._small(context, options(30, 30, draws=2_000), SimpleNamespace())
    values = {name.removeprefix("two latents, "): m.value for name, m in found.items()}
    encoder = known(vae, context.test[:4].double()).encoder
    assert values["error/1 importance sample"] == pytest.approx(-encoder, rel=0.05)
    assert abs(values["error/AIS"]) < 0.1
    assert abs(values["error/prior alone"]) < 0.2
    assert values["error/1 importance sample"] < values["error/2000 importance samples"] < 0.1
    assert abs(values["error/AIS"]) <= values["largest error/AIS"] < 0.2


def write_scores(folder: Path, rows: dict[int, float]) -> None:
    folder.mkdir(parents=True)
    lines = ["epoch,valid_ll", "1,", *(f"{epoch},{score}" for epoch, score in rows.items())]
    (folder / "metrics.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ({10: -9.0, 30: -5.0, 50: -3.0, 70: -2.0}, 50 / 20),
        ({5: -1.0, 10: -0.5}, 5 / 20),
        # Not there yet: with the epoch after the last, at the earliest.
        ({40: -9.0, 60: -3.5}, 61 / 20),
    ],
)
def test_epochs_to_the_best_score_are_a_multiple_of_those_it_took(context, course, expected):
    write_scores(context.runs / "of_vae/seed5", {10: -8.0, 20: -3.0, 30: -4.0})
    write_scores(context.runs / "of_adversarial/seed5", course)
    assert directed._epochs_over(context, 5) == pytest.approx(expected)
