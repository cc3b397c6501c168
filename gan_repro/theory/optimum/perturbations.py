"""Discriminators near D*: what Proposition 1 says about them, as functions to integrate."""

from collections.abc import Callable

import numpy as np
from scipy.special import logit

from gan_repro.theory.densities.analytic import Density
from gan_repro.theory.densities.divergences import Quadrature, expectation
from gan_repro.theory.densities.mixtures import Mixture
from gan_repro.theory.optimum.discriminator import Logit, log_odds, optimal_discriminator

Direction = Callable[[float], float]


def random_direction(rng: np.random.Generator, waves: int = 4) -> Direction:
    """Return a random smooth function of x with values in (-1, 1) and a limit at each infinity.

    It oscillates in atan(x), not in x, so that adaptive quadrature can follow it into any tail.
    """
    frequency, phase, weight = rng.uniform([1, 0, -1], [6, 2 * np.pi, 1], (waves, 3)).T
    return lambda x: float(np.tanh(weight @ np.sin(frequency * np.arctan(x) + phase)))


def blend(p_data: Density, p_g: Density, direction: Direction, t: float) -> Logit:
    """Return the logit of D_t = (1 - t) D* + t S with S = (1 + direction)/2, for t in [0, 1]."""
    if t == 0:
        return lambda x: log_odds(p_data, p_g, x)

    def blended(x: float) -> float:
        return logit((1 - t) * optimal_discriminator(p_data, p_g, x) + t * (1 + direction(x)) / 2)

    return blended


def bend(p_data: Density, p_g: Density, direction: Direction, step: float) -> Logit:
    """Return the logit of D* plus step · direction."""
    return lambda x: log_odds(p_data, p_g, x) + step * direction(x)


def second_variation(p_data: Density, p_g: Density, direction: Direction) -> Quadrature:
    """Return d²V/dε² at ε = 0 along ``bend``: -∫ (p_data + p_g) D* (1 - D*) direction² dx."""

    def integrand(x: float) -> float:
        d, rest = optimal_discriminator(p_data, p_g, x), optimal_discriminator(p_g, p_data, x)
        return d * rest * direction(x) ** 2

    return -2 * expectation(Mixture((0.5, 0.5), (p_data, p_g)), integrand, [])
