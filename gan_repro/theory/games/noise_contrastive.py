"""Noise-contrastive estimation against a fixed noise, a sequence of models, and an adversary.

The data are N(0, I) in d variables, the noise N(Δ, I), and the model N(δ, I) with unknown means.
Some variables are already learned, up to a residual; in the others the model still is the noise.
What learning one of these has to go on is the gradient with respect to its mean δ (Section 2).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit

from gan_repro.adversarial.objective import GeneratorLoss


@dataclass(frozen=True)
class Problem:
    """How far learning has come.

    Attributes:
        learned: m, variables whose mean is ``residual``; the data's is 0.
        variables: d, all of them.
        shift: Δ, the noise's mean in every variable, and the model's in those not learned.
        residual: what is left of the shift in a learned variable.
    """

    learned: int
    variables: int = 50
    shift: float = 2.0
    residual: float = 0.2

    @property
    def means(self) -> np.ndarray:
        """The model's mean in each variable: (variables,)."""
        return np.where(np.arange(self.variables) < self.learned, self.residual, self.shift)


@dataclass(frozen=True)
class Signal:
    """A gradient that is to be estimated from samples.

    Attributes:
        mean: its expectation; negative where an ascent step decreases δ, towards the data.
        deviation: standard deviation of its estimate from one example of each kind.
    """

    mean: float
    deviation: float

    @property
    def examples(self) -> float:
        """Examples of each kind after which the mean exceeds its standard error: (sd / mean)²."""
        return (self.deviation / self.mean) ** 2


def _normal(mean: float, variance: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points and masses of a trapezoid rule for N(mean, variance)."""
    z = np.linspace(-10, 10, 8001)
    return mean + np.sqrt(variance) * z, stats.norm.pdf(z) * (z[1] - z[0])


def nce_signal(problem: Problem) -> Signal:
    """Return the signal of NCE's objective about one mean not learned, with the noise fixed.

    J = E_data log h + E_noise log(1 - h) with h = p_model / (p_model + p_noise), so that
    ∂J/∂δ = E_data[(1 - h) g] - E_noise[h g] with g = ∂ log p_model / ∂δ = x - δ. The log-ratio
    depends on the learned variables only, and is Gaussian, so that each expectation factors.
    """
    moved = problem.shift - problem.residual
    variance = problem.learned * moved**2
    # On data the log-ratio has this mean; on noise minus half its variance.
    mean = problem.learned * (problem.shift**2 - problem.residual**2) / 2
    parts = []
    for centre, sign, offset in ((mean, -1, -problem.shift), (-variance / 2, 1, 0.0)):
        u, mass = _normal(centre, variance)
        weight = expit(sign * u)
        first, second = (weight * mass).sum(), (weight**2 * mass).sum()
        parts.append((first * offset, second * (1 + offset**2) - (first * offset) ** 2))
    (real, real_variance), (fake, fake_variance) = parts
    return Signal(float(real - fake), float(np.sqrt(real_variance + fake_variance)))


def own_noise_signal(problem: Problem) -> Signal:
    """Return NCE's signal when the noise is the present model: half the likelihood's, for every m.

    h = ½ everywhere, so the gradient is ½ (E_data g - E_model g) = -δ/2.
    """
    return Signal(-problem.shift / 2, 0.5 * 2**0.5)


def adversarial_signal(problem: Problem, kind: GeneratorLoss) -> Signal:
    """Return G's signal about one mean not learned, through D* of the present model.

    With G(z) = δ + z the logit of D* is Σ (δ²/2 - δ x), whose variance on samples is Σ δ². The
    gradient of -log D*(G(z)) with respect to δ is (1 - D*) δ, that of log(1 - D*(G(z))) is D* δ.
    """
    separation = float((problem.means**2).sum())
    u, mass = _normal(-separation / 2, separation)
    weight = expit(u if kind == "minimax" else -u)
    first, second = (weight * mass).sum(), (weight**2 * mass).sum()
    deviation = problem.shift * np.sqrt(max(second - first**2, 0))
    return Signal(float(-problem.shift * first), float(deviation))
