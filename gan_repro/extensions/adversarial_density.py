"""Table 2, p(x) of adversarial models: the Parzen window, and what it falls short of.

The window with σ on n draws estimates log E N(x; G(z), σ²I). More draws come nearer to it, and AIS
estimates it without any: it needs G's gradient, and no density of the model. An auto-encoder's
chain has no G, and only the growth of its window can be seen.
"""

from functools import partial

import numpy as np
import torch
from pydantic import PositiveInt, model_validator
from torch import Tensor

from gan_repro.baselines.vae_model import log_gaussian
from gan_repro.config.schema import Spec
from gan_repro.evaluation.parzen import log_likelihoods
from gan_repro.extensions.annealing import (
    AnnealingOptions,
    Proposal,
    Target,
    ais_likelihood,
    anneal_back,
    log_mean,
    log_standard,
)
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.latents import LatentGenerator
from gan_repro.extensions.records import Measure, Numbers, Several, average, exact, series


class DensityOptions(Spec):
    """Options.

    Attributes:
        images: test images.
        samples: sizes of the Parzen windows, the last of them the largest.
        standard: the size that Table 1's protocol has here.
        annealing: AIS.
    """

    images: Several
    samples: Numbers
    standard: PositiveInt
    annealing: AnnealingOptions

    @model_validator(mode="after")
    def _standard_is_measured(self) -> "DensityOptions":
        if self.standard not in self.samples:
            raise ValueError(f"standard is one of samples, {self.standard} is not")
        return self


def smoothed_target(generator: LatentGenerator, sigma: float, x: Tensor, times: int) -> Target:
    """Return log p(x, u) with p(x | u) = N(G(z(u)), σ²I), proposed from by the prior."""
    rows = x.repeat(times, 1)
    log_variance = torch.full((), 2 * np.log(sigma), dtype=x.dtype)
    start = Proposal(x.new_zeros(len(rows), generator.size), x.new_ones(len(rows), generator.size))
    return Target(lambda u: log_standard(u) + log_gaussian(rows, generator(u), log_variance), start)


def measure(context: Context, options: DensityOptions) -> Findings:
    """Compare windows of growing size with AIS, at the σ that validation chose for the run."""
    seed = context.entry.seeds[0]
    run = context.restored("adversarial", seed)
    sigma = context.folder("adversarial", seed).read_record().chosen.sigma
    generator = LatentGenerator(run.experiment.model, run.tensors, torch.device("cpu"))
    x = context.test[: options.images].cpu().numpy()
    windows = _windows(context, options, "adversarial", x)
    generator.network.double()
    rng, target = context.rng("AIS"), partial(smoothed_target, generator, sigma)
    points = torch.from_numpy(x).double()
    found, steps = ais_likelihood(partial(target, points), options.annealing, rng)
    truth = found.log_likelihood.numpy()
    measures: dict[str, Measure] = {
        f"log p(x)/window of {size} samples": average(values, "test images", "nats")
        for size, values in windows.items()
    }
    measures |= {
        "log p(x)/AIS": average(truth, "test images", "nats"),
        "shortfall of the window": average(
            truth - windows[options.standard], "test images", "nats"
        ),
        "shortfall of the largest window": average(
            truth - windows[max(options.samples)], "test images", "nats"
        ),
        "effective/AIS": average(found.effective.tolist(), "test images"),
        "AIS/two-sided gap": _two_sided(generator, target, len(x), sigma, options, steps, rng),
        "sigma": exact(sigma),
    }
    if "chain" in context.entry.experiments:
        chain = _windows(context, options, "chain", x)
        growth = chain[max(options.samples)] - chain[options.standard]
        measures["chain/growth of the window"] = average(growth, "test images", "nats")
    curve = {
        "samples": series(options.samples),
        "window": series(windows[size].mean() for size in options.samples),
    }
    return Findings(measures, curve)


def _windows(
    context: Context, options: DensityOptions, role: str, x: np.ndarray
) -> dict[int, np.ndarray]:
    """Return the log-likelihoods of (n, d) images under windows of each size, at the run's σ."""
    seed = context.entry.seeds[0]
    sigma = context.folder(role, seed).read_record().chosen.sigma
    draws = context.restored(role, seed).draw(
        max(options.samples), context.stream(f"windows of {role}"), context.device
    )
    sigmas = np.array([sigma])
    return {size: log_likelihoods(x, draws[:size], sigmas)[0] for size in options.samples}


def _two_sided(
    generator: LatentGenerator, target, count: int, sigma: float, options: DensityOptions,
    steps: list[float], rng: torch.Generator,
) -> Measure:  # fmt: skip
    """Return the gap between AIS's two bounds on images that the smoothed model itself drew."""
    u = torch.randn(count, generator.size, generator=rng, dtype=torch.float64)
    clean, chains = generator(u), options.annealing.chains
    x = clean + sigma * torch.randn(clean.shape, generator=rng, dtype=clean.dtype)
    forward, _ = ais_likelihood(partial(target, x), options.annealing, rng)
    back = anneal_back(
        target(x, chains), u.repeat(chains, 1), steps, options.annealing.leapfrog, rng
    )
    gap = -log_mean(-back.view(chains, -1)) - forward.log_likelihood
    return average(gap.tolist(), "simulated images", "nats")


EXTENSION = Extension("Table 2, evaluating p(x) of adversarial models", DensityOptions, measure)
