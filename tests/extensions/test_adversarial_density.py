"""p(x) of generators whose density is known: one that ignores u, and a linear one."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import special, stats

from gan_repro.config.extensions import Entry
from gan_repro.extensions import adversarial_density
from gan_repro.extensions.adversarial_density import DensityOptions, smoothed_target
from gan_repro.extensions.annealing import AnnealingOptions, Target, log_mean, plain
from gan_repro.extensions.extension import Context, Findings
from gan_repro.extensions.latents import LatentGenerator
from gan_repro.extensions.records import Measure
from gan_repro.networks.specs import Generator

CPU = torch.device("cpu")
SIGMA = 0.5
CENTRE = torch.tensor([0.25, 0.5, 0.75, 1.0])
SPEC = SimpleNamespace(
    generator=Generator(
        noise={"distribution": "gaussian", "size": 2},
        layers=[{"type": "linear", "units": 4, "irange": 1.0}],
    )
)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def linear(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the weights of G(u) = Wu + b."""
    return {"0.weight": weight, "0.bias": CENTRE}


def made(weight: torch.Tensor) -> LatentGenerator:
    generator = LatentGenerator(SPEC, linear(weight), CPU)
    generator.network.double()
    return generator


WEIGHT = torch.randn(4, 2, generator=rng(1))


def images(count: int, seed: int) -> torch.Tensor:
    return torch.rand(count, 4, generator=rng(seed), dtype=torch.float64)


def options(chains: int, temperatures: int) -> DensityOptions:
    annealing = AnnealingOptions(chains=chains, temperatures=temperatures)
    return DensityOptions(images=6, samples=(8, 4, 2), standard=4, annealing=annealing)


@pytest.mark.parametrize("sigma", [0.3, 1.7])
def test_the_smoothed_model_is_a_gaussian_around_what_g_draws(sigma):
    generator, x, u = made(WEIGHT), images(3, 2), torch.randn(6, 2, generator=rng(3)).double()
    target = smoothed_target(generator, sigma, x, 2)
    clean = u.numpy() @ WEIGHT.double().numpy().T + CENTRE.numpy()
    conditional = stats.norm(clean, sigma).logpdf(np.tile(x.numpy(), (2, 1))).sum(axis=1)
    prior = stats.norm.logpdf(u.numpy()).sum(axis=1)
    np.testing.assert_allclose(target.log_joint(u), prior + conditional)
    # From the prior, what is weighed is p(x | u) alone.
    np.testing.assert_allclose(target.gain(u), conditional)


def test_the_density_of_a_linear_generator_is_that_of_its_gaussian():
    x = images(4, 4)
    target = partial(smoothed_target, made(WEIGHT), SIGMA, x)
    found = log_mean(plain(target, 5_000, rng(5)))
    covariance = (WEIGHT @ WEIGHT.T).double().numpy() + SIGMA**2 * np.eye(4)
    exact = stats.multivariate_normal(CENTRE.numpy(), covariance).logpdf(x)
    np.testing.assert_allclose(found, exact, atol=0.15)


class Seen:
    """A target of images, which are kept."""

    def __init__(self, generator: LatentGenerator) -> None:
        self.generator, self.points = generator, []

    def __call__(self, x: torch.Tensor, times: int) -> Target:
        self.points.append(x)
        return smoothed_target(self.generator, SIGMA, x, times)


def two_sided(
    weight: torch.Tensor, count: int, chains: int, temperatures: int
) -> tuple[Measure, torch.Tensor]:
    """Return the gap on simulated images, and these."""
    generator = made(weight)
    target, chosen = Seen(generator), options(chains, temperatures)
    found = adversarial_density._two_sided(
        generator, target, count, SIGMA, chosen, [0.2] * temperatures, rng(6)
    )
    return found, target.points[0]


def test_simulated_images_are_as_far_from_what_g_draws_as_sigma_says():
    found, x = two_sided(torch.zeros(4, 2), 2_000, 1, 1)
    assert (x - CENTRE).square().mean().sqrt() == pytest.approx(SIGMA, rel=0.03)
    # Where u does not matter, nothing is estimated, and both bounds are p(x) itself.
    assert found.value == pytest.approx(0, abs=1e-9)


def test_the_bounds_are_apart_after_few_temperatures_and_meet_after_many():
    few, _ = two_sided(WEIGHT, 40, 4, 2)
    many, _ = two_sided(WEIGHT, 40, 40, 30)
    assert few.low > 0.5
    assert abs(many.value) < few.low / 2


def windows(x: np.ndarray, draws: np.ndarray, sigma: float) -> np.ndarray:
    """Return log p of each image under the window on draws, one image after another."""
    logs = [stats.norm.logpdf(row, draws, sigma).sum(axis=1) for row in x]
    return special.logsumexp(logs, axis=1) - np.log(len(draws))


SIGMAS = {"adversarial": SIGMA, "chain": 0.6}
SAMPLES = {role: images(8, seed).numpy() for role, seed in (("adversarial", 7), ("chain", 8))}


@pytest.fixture
def measured(tiny, monkeypatch):
    """Images, and what is measured on a generator that ignores u: its density is N(c, σ²I)."""

    def restored(self: Context, role: str, seed: int) -> SimpleNamespace:
        return SimpleNamespace(
            experiment=SimpleNamespace(model=SPEC),
            tensors=linear(torch.zeros(4, 2)),
            draw=lambda count, seed, device: SAMPLES[role][:count],
        )

    def folder(self: Context, role: str, seed: int) -> SimpleNamespace:
        record = SimpleNamespace(chosen=SimpleNamespace(sigma=SIGMAS[role]))
        return SimpleNamespace(read_record=lambda: record)

    monkeypatch.setattr(Context, "restored", restored)
    monkeypatch.setattr(Context, "folder", folder)

    def measure(*roles: str) -> tuple[np.ndarray, Findings]:
        entry = Entry(experiments={role: role for role in roles})
        context = Context("adversarial_density", tiny, entry, Path(), CPU)
        found = adversarial_density.measure(context, options(2, 3))
        return context.test[:6].double().numpy(), found

    return measure


def test_a_window_falls_short_by_what_the_density_is_above_it(measured):
    x, found = measured("adversarial")
    values = {name: measure.value for name, measure in found.measures.items()}
    truth = stats.norm(CENTRE.numpy(), SIGMA).logpdf(x).sum(axis=1).mean()
    draws = SAMPLES["adversarial"]
    scores = {size: windows(x, draws[:size], SIGMA).mean() for size in (2, 4, 8)}
    assert values["log p(x)/AIS"] == pytest.approx(truth)
    for size, score in scores.items():
        assert values[f"log p(x)/window of {size} samples"] == pytest.approx(score, rel=1e-5)
    assert values["shortfall of the window"] == pytest.approx(truth - scores[4], rel=1e-5)
    assert values["shortfall of the largest window"] == pytest.approx(truth - scores[8], rel=1e-5)
    assert values["AIS/two-sided gap"] == pytest.approx(0, abs=1e-9)
    assert values["effective/AIS"] == pytest.approx(1)
    assert values["sigma"] == SIGMA
    assert found.series["samples"] == (8, 4, 2)
    assert found.series["window"] == pytest.approx([scores[size] for size in (8, 4, 2)], rel=1e-5)


def test_the_window_of_a_chain_grows_from_the_standard_size_to_the_largest(measured):
    x, found = measured("adversarial", "chain")
    small, large = (windows(x, SAMPLES["chain"][:size], SIGMAS["chain"]) for size in (4, 8))
    growth = found.measures["chain/growth of the window"]
    assert growth.value == pytest.approx((large - small).mean(), rel=1e-4)
    # Without a chain there is nothing to tell of one.
    assert "chain/growth of the window" not in measured("adversarial")[1].measures
