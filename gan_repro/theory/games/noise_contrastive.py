"""Noise-contrastive estimation against a fixed noise, and against an adversary (Section 2).

The data have m variables that the model has learned, N(0, τ²), and one that it has not, N(0, 1),
where the model says N(δ, 1). The noise is N(0, 1) in each learned variable and N(0, s²) in the
last. What learning the last variable has to go on is the gradient with respect to δ.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats
from scipy.special import expit

from gan_repro.adversarial.game import Recipe
from gan_repro.networks.specs import Dense, Discriminator, Generator, Noise
from gan_repro.theory.games.small import SmallGame

TAU, SPREAD = 0.25, 2.0
# The squared radius of the learned variables and the last variable, as grids of a trapezoid rule.
LOG_RADII = np.linspace(-14, 6, 501)
LAST = np.linspace(-14, 14, 561)


@dataclass(frozen=True)
class Signal:
    """A gradient that is to be estimated from samples.

    Attributes:
        mean: its expectation; positive where an ascent step increases δ.
        deviation: standard deviation of its estimate from one example of each kind.
    """

    mean: float
    deviation: float

    @property
    def examples(self) -> float:
        """Examples of each kind after which the mean exceeds its standard error: (sd / mean)²."""
        return (self.deviation / self.mean) ** 2


def _learned(m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log-ratio, data mass and noise mass over the squared radius of m learned variables."""
    if m == 0:
        return np.zeros(1), np.ones(1), np.ones(1)
    square = np.exp(LOG_RADII)
    cell = square * (LOG_RADII[1] - LOG_RADII[0])
    ratio = -m * np.log(TAU) - square * (TAU**-2 - 1) / 2
    data = stats.chi2.pdf(square / TAU**2, m) / TAU**2 * cell
    return ratio, data, stats.chi2.pdf(square, m) * cell


def nce_signal(m: int, offset: float) -> Signal:
    """Return the signal of NCE's objective about δ, with the noise fixed.

    J(δ) = E_data log h + E_noise log(1 - h) with h = p_model / (p_model + p_noise), so that
    ∂J/∂δ = E_data[(1 - h) g] - E_noise[h g] with g = ∂ log p_model / ∂δ = x - δ.
    """
    ratio, data, noise = _learned(m)
    cell = LAST[1] - LAST[0]
    last_data = stats.norm.pdf(LAST) * cell
    last_noise = stats.norm.pdf(LAST, scale=SPREAD) * cell
    last_ratio = stats.norm.logpdf(LAST, offset) - stats.norm.logpdf(LAST, scale=SPREAD)
    h = expit(ratio[:, None] + last_ratio)
    score = LAST - offset
    real = Signal(*_moments((1 - h) * score, data[:, None] * last_data))
    fake = Signal(*_moments(h * score, noise[:, None] * last_noise))
    return Signal(real.mean - fake.mean, float(np.hypot(real.deviation, fake.deviation)))


def own_noise_signal(offset: float) -> Signal:
    """Return NCE's signal when the noise is the model itself: half the likelihood's, for every m.

    h = ½ everywhere, so the gradient is ½ (E_data g - E_model g) = -δ/2.
    """
    return Signal(-offset / 2, 0.5 * 2**0.5)


def adversarial_signal(offset: float) -> Signal:
    """Return G's signal about δ through D*, for every m: learned variables cancel in D*.

    G descends log(1 - D*(G(z))) with G(z) = δ + z and D*(x) = σ(δ²/2 - δx), whose gradient with
    respect to δ is δ D*(x); the sign is turned so that the signal ascends, as for NCE.
    """
    mass = stats.norm.pdf(LAST, offset) * (LAST[1] - LAST[0])
    return Signal(*_moments(-offset * expit(offset**2 / 2 - offset * LAST), mass))


def _moments(values: np.ndarray, mass: np.ndarray) -> tuple[float, float]:
    mean = float((values * mass).sum())
    return mean, float(np.sqrt(max((values**2 * mass).sum() - mean**2, 0)))


def train_nce(
    m: int, offset: float, *, steps: int, learning_rate: float, batch: int, runs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Train δ and the log-partition parameter c by NCE on fresh samples.

    The unnormalised model of the last variable is exp(c - (x - δ)² / 2), and c starts at the right
    value for a normalised one, -log √(2π).

    Returns:
        (steps + 1, runs) of δ and of c + log √(2π), which is 0 where the model is normalised.
    """
    rng = np.random.default_rng(seed)
    delta, c = np.full(runs, float(offset)), np.zeros(runs)
    path = [(delta.copy(), c.copy())]
    for _ in range(steps):
        gradients = 0
        for scale, last, sign in ((TAU, 1.0, 1), (1.0, SPREAD, -1)):
            square = scale**2 * rng.chisquare(m, (batch, runs)) if m else np.zeros((batch, runs))
            x = last * rng.standard_normal((batch, runs))
            ratio = -m * np.log(TAU) - square * (TAU**-2 - 1) / 2
            ratio += c - (x - delta) ** 2 / 2 + (x / SPREAD) ** 2 / 2 + np.log(SPREAD)
            weight = expit(-sign * ratio)
            gradients += sign * np.stack([(weight * (x - delta)).mean(0), weight.mean(0)])
        delta, c = delta + learning_rate * gradients[0], c + learning_rate * gradients[1]
        path.append((delta.copy(), c.copy()))
    deltas, partitions = (np.array(part) for part in zip(*path, strict=True))
    return deltas, partitions


def train_adversarially(
    m: int, offset: float, *, steps: int, learning_rate: float, batch: int, runs: int, seed: int
) -> np.ndarray:
    """Train a linear G on the same data by Algorithm 1 with k = 5 and the minimax loss.

    G starts right in the m learned variables; D is one sigmoid unit, which contains the D* of a
    shift. Returns (steps + 1, runs) of δ, the mean of G in the last variable.
    """
    dims = m + 1
    scales = torch.tensor([TAU] * m + [1.0], dtype=torch.float64)
    played = SmallGame(
        lambda count, rng: scales * torch.randn(count, dims, generator=rng, dtype=torch.float64),
        dims,
        Generator(
            noise=Noise(distribution="gaussian", size=dims),
            layers=(Dense(type="linear", units=dims, irange=1.0),),
        ),
        Discriminator(layers=(Dense(type="sigmoid", units=1, irange=0.01),)),
        Recipe(update="alternating", discriminator_steps=5, generator_loss="minimax"),
        seed=seed,
        batch=batch,
        replicas=runs,
    )
    weights, biases = played.game.generator.parameters()
    with torch.no_grad():
        weights.copy_(torch.diag(scales).expand_as(weights))
        biases.zero_()[..., -1] = offset
    path = [biases[:, 0, -1].detach().numpy().copy()]
    for _ in range(steps):
        played.play(learning_rate)
        path.append(biases[:, 0, -1].detach().numpy().copy())
    return np.array(path)
