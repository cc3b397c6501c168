"""Table 2, deep directed models: what a VAE with the adversarial net's generator can do, and needs.

Inference in training, learned inference and what amortising it costs, and log p(x): the evidence
bound, the importance-weighted bounds, and AIS that starts around each image's best Gaussian.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from pydantic import PositiveFloat, PositiveInt, model_validator
from torch import Tensor

from gan_repro.baselines.vae import VaeLearner
from gan_repro.baselines.vae_model import Vae, VaeSpec, restore_vae
from gan_repro.config.schema import Spec
from gan_repro.extensions.annealing import (
    AnnealingOptions,
    Target,
    ais_likelihood,
    anneal_back,
    effective_share,
    log_mean,
    plain,
)
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.records import Measure, Numbers, Several, average, exact, series, spread
from gan_repro.extensions.vae_evidence import (
    RefineOptions,
    importance_bounds,
    integral,
    posterior_target,
    prior_target,
    refine,
    refined_target,
)
from gan_repro.networks.specs import stack_work


class DirectedOptions(Spec):
    """Options.

    Attributes:
        images: test images for AIS and for optimised inference.
        bounds: numbers of importance samples of the bounds.
        draws: of the posterior, for the bounds and the effective shares.
        annealing: of the full model.
        refine: the best Gaussian posterior of each image.
        widen: how many times as wide as that posterior AIS starts. The best Gaussian has thinner
            tails than a posterior that is no Gaussian, and few large weights then decide; where it
            fits, as for latent variables that the model does not use, widening only costs steps.
        small_epochs: epochs of a VAE with two latent variables, whose log p(x) can be integrated.
        small_grid: points per axis of that integral's coarse grid, odd.
    """

    images: Several
    bounds: Numbers = (1, 10, 100, 1_000)
    draws: Several = 1_000
    annealing: AnnealingOptions
    refine: RefineOptions = RefineOptions()
    widen: PositiveFloat = 1.0
    small_epochs: PositiveInt
    small_grid: Several = 201

    @model_validator(mode="after")
    def _grid_has_a_middle(self) -> "DirectedOptions":
        if self.small_grid % 2 == 0:
            raise ValueError(f"small_grid is odd, not {self.small_grid}")
        return self

    @model_validator(mode="after")
    def _bounds_are_of_draws(self) -> "DirectedOptions":
        if max(self.bounds) > self.draws:
            raise ValueError(f"bounds of {max(self.bounds)} samples need as many draws")
        return self


def train_small(spec: VaeSpec, images: Tensor, epochs: int, seed: int) -> Vae:
    """Train the same VAE with two latent variables, briefly."""
    noise = spec.decoder.noise.model_copy(update={"size": 2})
    last = spec.encoder[-1].model_copy(update={"units": 4})
    small = spec.model_copy(
        update={
            "decoder": spec.decoder.model_copy(update={"noise": noise}),
            "encoder": (*spec.encoder[:-1], last),
        }
    )
    learner = VaeLearner(small, images, seed)
    order = torch.Generator().manual_seed(seed)
    for epoch in range(epochs):
        for rows in torch.randperm(len(images), generator=order).split(100):
            learner.step((images[rows],), 0, epoch)
    return learner.vae


def frozen(vae: Vae) -> Vae:
    """Return the model in float64, not to be trained."""
    networks = (vae.encoder, vae.decoder)
    encoder, decoder = (network.double().requires_grad_(False) for network in networks)
    return Vae(encoder, decoder, vae.log_deviation.detach().double())


def measure(context: Context, options: DirectedOptions) -> Findings:
    """Measure what inference is worth and what log p(x) is, in nats per test image."""
    run = context.restored("vae", context.entry.seeds[0])
    spec, vae = run.experiment.model, frozen(restore_vae(run.experiment.model, run.tensors))
    x = context.test[: options.images].cpu().double()
    measures = _bounds(context, options, vae, x, spec.decoder.noise.size)
    measures |= _small(context, options, spec)
    encoder, decoder = (
        sum(layer.products for layer in stack_work(layers, inputs))
        for layers, inputs in (
            (spec.encoder, context.dataset.dimension),
            (spec.decoder.layers, spec.decoder.noise.size),
        )
    )
    measures["inference/share of training"] = exact(encoder / (encoder + decoder))
    measures["deviation"] = exact(float(vae.log_deviation.exp()))
    for role in context.entry.experiments:
        records = [context.folder(role, seed).read_record() for seed in context.entry.seeds]
        scores = [record.chosen.valid_ll for record in records]
        measures[f"validation parzen/{role}"] = spread(scores, "seeds", "nats")
    sooner = [_epochs_over(context, seed) for seed in context.entry.seeds]
    measures["epochs to the VAE's best score, as a multiple of its own"] = spread(sooner, "seeds")
    curve = {"bounds": series(options.bounds)}
    return Findings(measures, curve)


def _epochs_over(context: Context, seed: int) -> float:
    """Return how many of its epochs the adversarial net takes to the VAE's best validation score.

    As a multiple of those that the VAE took. Where it never comes there, it is taken to come
    with the epoch after its last: it took that many at least.
    """
    epoch, best = max(context.folder("vae", seed).validations(), key=lambda at: at[1])
    course = context.folder("adversarial", seed).validations()
    never = course[-1][0] + 1
    return next((at for at, score in course if score >= best), never) / epoch


def refined_targets(
    vae: Vae, x: Tensor, options: DirectedOptions, rng: torch.Generator
) -> tuple[Callable[[int], Target], Callable[[int], Target]]:
    """Return log p(x, u) proposed from each image's best Gaussian, and from where AIS starts."""
    best = refine(vae, x, options.refine, rng)
    narrow, wide = (
        partial(refined_target, vae, x, proposal)
        for proposal in (best, best.widened(options.widen))
    )
    return narrow, wide


def _bounds(
    context: Context, options: DirectedOptions, vae: Vae, x: Tensor, size: int
) -> dict[str, Measure]:
    rng, times = context.rng("bounds"), options.annealing.chains
    learned = plain(partial(posterior_target, vae, x), options.draws, rng)
    prior = plain(partial(prior_target, vae, x), options.draws, rng)
    refined, start = refined_targets(vae, x, options, rng)
    best = plain(refined, options.draws, rng)
    found, _ = ais_likelihood(start, options.annealing, rng)
    truth = found.log_likelihood
    bounds = importance_bounds(learned, options.bounds)
    lines = {
        **{f"log p(x)/{k} importance samples": value for k, value in bounds.items()},
        "log p(x)/AIS": truth,
        "log p(x)/prior alone": log_mean(prior),
        "gap/encoder": truth - learned.mean(dim=0),
        "gap/refined": truth - best.mean(dim=0),
        "gap/of amortising": best.mean(dim=0) - learned.mean(dim=0),
        "gap/prior alone": truth - log_mean(prior),
        "gap/most importance samples": truth - bounds[max(options.bounds)],
    }
    measures = {
        name: average(value.tolist(), "test images", "nats") for name, value in lines.items()
    }
    for name, weights in (("encoder", learned), ("prior", prior)):
        worth = effective_share(weights) * len(weights)
        measures[f"effective draws of {len(weights)}/{name}"] = average(
            worth.tolist(), "test images"
        )
    measures["effective/AIS"] = average(found.effective.tolist(), "test images")
    measures["AIS/two-sided gap"] = _two_sided(options, vae, len(x), size, rng)
    measures["chains"] = exact(times)
    return measures


def _two_sided(
    options: DirectedOptions, vae: Vae, count: int, size: int, rng: torch.Generator
) -> Measure:
    """Return the gap between AIS's upper and lower bound on images that the model itself drew."""
    u = torch.randn(count, size, generator=rng, dtype=torch.float64)
    clean = vae.decoder(u)
    noise = torch.randn(clean.shape, generator=rng, dtype=clean.dtype)
    x, chains = clean + vae.log_deviation.exp() * noise, options.annealing.chains
    _, start = refined_targets(vae, x, options, rng)
    forward, steps = ais_likelihood(start, options.annealing, rng)
    target = start(chains)
    v = (u.repeat(chains, 1) - target.proposal.mean) / target.proposal.deviation
    back = anneal_back(target, v, steps, options.annealing.leapfrog, rng).view(chains, -1)
    gap = -log_mean(-back) - forward.log_likelihood
    return average(gap.tolist(), "simulated images", "nats")


def _small(context: Context, options: DirectedOptions, spec: VaeSpec) -> dict[str, Measure]:
    """Return how far AIS and the bounds are from log p(x) where that can be integrated."""
    seed, rng = context.stream("small"), context.rng("small, estimates")
    vae = frozen(train_small(spec, context.train.cpu(), options.small_epochs, seed))
    x = context.test[: options.images].cpu().double()
    exactly = integral(vae, x, options.small_grid)
    _, start = refined_targets(vae, x, options, rng)
    found, _ = ais_likelihood(start, options.annealing, rng)
    weights = plain(partial(posterior_target, vae, x), options.draws, rng)
    ways = {
        "AIS": found.log_likelihood,
        "1 importance sample": weights.mean(dim=0),
        f"{options.draws} importance samples": log_mean(weights),
        "prior alone": log_mean(plain(partial(prior_target, vae, x), options.draws, rng)),
    }
    errors = {way: (value - exactly).numpy() for way, value in ways.items()}
    measures = {
        f"two latents, error/{way}": average(error, "test images", "nats")
        for way, error in errors.items()
    }
    worst = float(np.abs(errors["AIS"]).max())
    return measures | {"two latents, largest error/AIS": exact(worst, "nats")}


EXTENSION = Extension("Table 2, deep directed graphical models", DirectedOptions, measure)
