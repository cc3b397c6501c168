"""log p(x) of a VAE: proposals of its posterior, bounds, and the integral over two latents."""

import math
from collections.abc import Callable
from functools import partial

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor

from gan_repro.baselines.vae_model import Vae, log_gaussian
from gan_repro.config.schema import Spec
from gan_repro.extensions.annealing import Proposal, Target, log_mean, log_standard, plain
from gan_repro.training.adam import AdamDescent

# Half the side of the square that two latent variables are integrated over at first.
EDGE = 6.0
# Cells whose middle lies so far below the largest one, in nats, are not looked at again. The middle
# of a cell that holds a whole peak can lie tens of nats below it.
NEGLIGIBLE = 40.0
# Places of the plane that go through the decoder at once.
BLOCK = 4_096


class RefineOptions(Spec):
    """How the posterior of one image alone is found.

    Attributes:
        steps: of Adam on its mean and variance.
        rate: its learning rate at the start; it falls linearly to zero.
        draws: of the prior, the best of which is where a second ascent starts.
        judged: draws by which the better of the two ends is told.
    """

    steps: PositiveInt = 600
    rate: PositiveFloat = 0.03
    draws: PositiveInt = 1_000
    judged: PositiveInt = 50


def posterior_target(vae: Vae, x: Tensor, times: int) -> Target:
    """Return log p(x, u) of (n, d) images, ``times`` over, proposed from by the encoder."""
    rows = x.repeat(times, 1)
    with torch.no_grad():
        mean, log_variance = vae.posterior(rows)
    return Target(_joint(vae, rows), Proposal(mean, (0.5 * log_variance).exp()))


def prior_target(vae: Vae, x: Tensor, times: int) -> Target:
    """Return the same, proposed from by the prior: what is left without inference."""
    rows = x.repeat(times, 1)
    size = vae.posterior(x[:1])[0].shape[1]
    start = Proposal(x.new_zeros(len(rows), size), x.new_ones(len(rows), size))
    return Target(_joint(vae, rows), start)


def refined_target(vae: Vae, x: Tensor, proposal: Proposal, times: int) -> Target:
    """Return the same, proposed from by a posterior of each image alone."""
    mean, deviation = (part.repeat(times, 1) for part in proposal)
    return Target(_joint(vae, x.repeat(times, 1)), Proposal(mean, deviation))


def _joint(vae: Vae, rows: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda u: log_standard(u) + vae.log_conditional(rows, u)


def importance_bounds(weights: Tensor, sizes: tuple[int, ...]) -> dict[int, Tensor]:
    """Return k → the mean of log (1/k Σ w) over disjoint groups of k of (draws, n) log-weights."""
    found = {}
    for k in sizes:
        groups = weights[: len(weights) // k * k].view(-1, k, weights.shape[1])
        found[k] = log_mean(groups.transpose(0, 1)).mean(dim=0)
    return found


def refine(vae: Vae, x: Tensor, options: RefineOptions, rng: torch.Generator) -> Proposal:
    """Return the best Gaussian posterior of each image alone, by ascent of its own bound.

    One ascent starts from the encoder's posterior. An encoder can point at the lesser of two modes,
    which no ascent leaves, so a second one starts from the best of many draws of the prior.
    """
    with torch.no_grad():
        mean, log_variance = vae.posterior(x)
        best = best_draws(vae, x, options.draws, rng)
    ends = [_ascend(vae, x, Proposal(start, log_variance), options, rng) for start in (mean, best)]
    bounds = [
        plain(partial(refined_target, vae, x, end), options.judged, rng).mean(dim=0) for end in ends
    ]
    second = (bounds[1] > bounds[0])[:, None]
    mean, deviation = (torch.where(second, two, one) for one, two in zip(*ends, strict=True))
    return Proposal(mean, deviation)


def best_draws(vae: Vae, x: Tensor, draws: int, rng: torch.Generator) -> Tensor:
    """Return the draw of the prior whose image is nearest to each of (n, d) images, (n, size)."""
    size = vae.posterior(x[:1])[0].shape[1]
    u = torch.randn(draws, size, generator=rng, dtype=x.dtype).to(x.device)
    return u[torch.cdist(x, vae.decoder(u)).argmin(dim=1)]


def _ascend(
    vae: Vae, x: Tensor, start: Proposal, options: RefineOptions, rng: torch.Generator
) -> Proposal:
    """Return the end of an ascent from (mean, log-variance)."""
    mean, log_variance = (part.clone().requires_grad_(True) for part in start)
    optimizer = AdamDescent([mean, log_variance], options.rate)
    for step in range(options.steps):
        noise = torch.randn(mean.shape, generator=rng, dtype=x.dtype).to(x.device)
        z = mean + (0.5 * log_variance).exp() * noise
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
        optimizer.learning_rate = options.rate * (1 - step / options.steps)
        optimizer.descend(kl - vae.log_conditional(x, z).sum())
    return Proposal(mean.detach(), (0.5 * log_variance).exp().detach())


def integral(vae: Vae, x: Tensor, points: int, finer: int = 5) -> Tensor:
    """Return log p(x) of a VAE with two latent variables, by the sum over a grid.

    Posteriors are narrower than the cells of any grid that is evaluated in whole; so each image's
    cells that are not negligible are evaluated again, ``finer`` times as fine along each axis. The
    grid begins as [−6, 6]² and grows until nothing at its rim counts: few draws of the prior come
    from further out, yet an image's whole posterior can lie there.

    Args:
        vae: with two latent variables.
        x: (n, d) images.
        points: of the first coarse grid, odd, per axis.
        finer: odd, so that the middle of a cell is seen again.
    """
    cell = 2 * EDGE / (points - 1)
    grid, counts = _plane(vae, x, points // 2, cell)
    inside = (torch.arange(finer, dtype=x.dtype) - (finer - 1) / 2) * cell / finer
    offsets, found = torch.cartesian_prod(inside, inside), []
    for row, counted in zip(x, counts, strict=True):
        fine = (grid[counted][:, None] + offsets).flatten(end_dim=1)
        found.append(torch.logsumexp(_log_joint(vae, row[None], fine), dim=0)[0])
    return torch.stack(found) + 2 * math.log(cell / finer)


def _plane(vae: Vae, x: Tensor, half: int, cell: float) -> tuple[Tensor, Tensor]:
    """Return the middles of a square's cells, (m, 2), and which count for each image, (n, m).

    Args:
        vae: with two latent variables.
        x: (n, d) images.
        half: cells from the origin to the rim, at first; doubled until the rim is negligible.
        cell: width.
    """
    axis = torch.arange(-half, half + 1)
    grid = torch.cartesian_prod(axis, axis)
    height = _log_joint(vae, x, grid.to(x.dtype) * cell).T
    counts = height > height.max(dim=1, keepdim=True).values - NEGLIGIBLE
    rim = grid.abs().amax(dim=1) == half
    if (counts & rim).any():
        return _plane(vae, x, 2 * half, cell)
    return grid.to(x.dtype) * cell, counts


def _log_joint(vae: Vae, x: Tensor, u: Tensor) -> Tensor:
    """Return log p(x, u), (m, n), of (n, d) images at (m, 2) places, a block of them at a time."""
    blocks = []
    for places in u.split(BLOCK):
        images = vae.decoder(places)
        conditional = [log_gaussian(row, images, 2 * vae.log_deviation) for row in x]
        blocks.append(log_standard(places)[:, None] + torch.stack(conditional, dim=1))
    return torch.cat(blocks)
