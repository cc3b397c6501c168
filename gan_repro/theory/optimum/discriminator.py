"""The optimal discriminator, the value of the game and the virtual training criterion C(G)."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, expit, log_expit, ndtri

from gan_repro.theory.densities.analytic import Array, Density
from gan_repro.theory.densities.divergences import (
    Quadrature,
    expectation,
    integral,
    jensen_shannon,
    kullback_leibler,
)
from gan_repro.theory.densities.mixtures import Mixture, merge

Logit = Callable[[ArrayLike], Array]


def log_odds(p_data: Density, p_g: Density, x: ArrayLike) -> Array:
    """Return log p_data(x) - log p_g(x), the logit of D*; NaN outside both supports."""
    with np.errstate(invalid="ignore"):
        return p_data.logpdf(x) - p_g.logpdf(x)


def optimal_discriminator(p_data: Density, p_g: Density, x: ArrayLike) -> Array:
    """Return D*(x) = p_data(x) / (p_data(x) + p_g(x)), eq. 2.

    Computed from log-densities, so that tails where both underflow still have their ratio. The
    result has the shape of x and is NaN outside both supports, where D* need not be defined.
    """
    return expit(log_odds(p_data, p_g, x))


def value(p_data: Density, p_g: Density, logit: Logit) -> Quadrature:
    """Return V(G, D) = ∫ p_data log D + p_g log(1 - D) dx, eq. 3, by quadrature.

    D is given by its logit, D(x) = sigmoid(logit(x)), because D itself rounds to 1 in the tails;
    0·log 0 counts as 0. Minus infinity is the value of a discriminator that is certain and wrong.
    """

    def integrand(x: float) -> float:
        """Return p_data log D + p_g log(1 − D) at x."""
        data, model = float(p_data.pdf(x)), float(p_g.pdf(x))
        if data + model == 0:
            return 0.0
        odds = logit(x)
        return _times(data, log_expit(odds)) + _times(model, log_expit(-odds))

    support = merge((*p_data.support, *p_g.support))
    return integral(integrand, support, (*p_data.breakpoints, *p_g.breakpoints))


def _times(density: float, logarithm: float) -> float:
    return density * float(logarithm) if density else 0.0


def criterion(p_data: Density, p_g: Density) -> Quadrature:
    """Return C(G) = E_data[log D*(x)] + E_g[log(1 - D*(x))], eq. 4."""
    data = expectation(p_data, lambda x: log_expit(log_odds(p_data, p_g, x)), [p_g])
    model = expectation(p_g, lambda x: log_expit(-log_odds(p_data, p_g, x)), [p_data])
    return data + model


def criterion_by_kl(p_data: Density, p_g: Density) -> Quadrature:
    """Return C(G) = -log 4 + KL(p_data ‖ m) + KL(p_g ‖ m) with m = (p_data + p_g)/2, eq. 5."""
    middle = Mixture((0.5, 0.5), (p_data, p_g))
    return kullback_leibler(p_data, middle) + kullback_leibler(p_g, middle) + -math.log(4)


def criterion_by_jsd(p_data: Density, p_g: Density) -> Quadrature:
    """Return C(G) = -log 4 + 2 JSD(p_data ‖ p_g), eq. 6."""
    return 2 * jensen_shannon(p_data, p_g) + -math.log(4)


def label_entropy(p_data: Density, p_g: Density) -> Quadrature:
    """Return H(Y | x), where a fair coin Y says whether x is drawn from p_data or from p_g."""

    def binary_entropy(x: float) -> float:
        chances = optimal_discriminator(p_data, p_g, x), optimal_discriminator(p_g, p_data, x)
        return float(sum(entr(chances)))

    return expectation(Mixture((0.5, 0.5), (p_data, p_g)), binary_entropy, [])


def probability_of_mistake(p_data: Density, p_g: Density) -> Quadrature:
    """Return how often D*, asked for the likelier label Y of x, is mistaken: ½ ∫ min(p_data, p_g).

    Computed from D* itself, which errs on samples where it exceeds ½ and on data elsewhere.
    """

    def integrand(x: float) -> float:
        odds = log_odds(p_data, p_g, x)
        return 0.0 if np.isnan(odds) else 0.5 * float((p_g if odds > 0 else p_data).pdf(x))

    support = merge((*p_data.support, *p_g.support))
    return integral(integrand, support, (*p_data.breakpoints, *p_g.breakpoints))


@dataclass(frozen=True)
class Interval:
    """Monte Carlo estimates and their confidence intervals; arrays of one shape."""

    value: Array
    low: Array
    high: Array

    def contains(self, truth: float) -> Array:
        """Return whether each interval contains the truth."""
        return (self.low <= truth) & (truth <= self.high)


def monte_carlo_criterion(
    p_data: Density,
    p_g: Density,
    samples: int,
    rng: np.random.Generator,
    *,
    repeats: int = 1,
    level: float = 0.95,
) -> Interval:
    """Estimate C(G), eq. 4, from ``samples`` draws of each distribution, ``repeats`` times.

    The intervals, of shape (repeats,), are normal ones for a sum of two independent means.
    """
    x = p_data.sample((repeats, samples), rng)
    y = p_g.sample((repeats, samples), rng)
    data = log_expit(log_odds(p_data, p_g, x))
    model = log_expit(-log_odds(p_data, p_g, y))
    estimate = data.mean(axis=1) + model.mean(axis=1)
    variance = data.var(axis=1, ddof=1) + model.var(axis=1, ddof=1)
    margin = ndtri((1 + level) / 2) * np.sqrt(variance / samples)
    return Interval(estimate, estimate - margin, estimate + margin)
