"""The pairs (p_data, p_g) on which the notebooks execute the theorems."""

import numpy as np

from gan_repro.theory.densities.analytic import Array, Cauchy, Density, Gaussian, Laplace, Uniform
from gan_repro.theory.densities.mixtures import Mixture

Pair = tuple[Density, Density]


def pairs() -> dict[str, Pair]:
    """Return (p_data, p_g) by name: smooth, kinked, partly overlapping, disjoint, heavy-tailed."""
    two_modes = Mixture((0.6, 0.4), (Gaussian(-1.5, 0.6), Gaussian(1.5, 0.8)))
    return {
        "two Gaussians": (Gaussian(0.0, 1.0), Gaussian(1.0, 1.5)),
        "Laplace and a mixture": (Laplace(0.0, 1.0), two_modes),
        "overlapping uniforms": (Uniform(0.0, 2.0), Uniform(1.0, 4.0)),
        "disjoint uniforms": (Uniform(0.0, 1.0), Uniform(2.0, 4.0)),
        "two Cauchys": (Cauchy(0.0, 1.0), Cauchy(1.0, 2.0)),
        "Cauchy and a Gaussian": (Cauchy(0.0, 1.0), Gaussian(0.0, 1.0)),
    }


def random_distributions(rng: np.random.Generator, largest: int = 30) -> tuple[Array, Array]:
    """Return two random probability vectors of one length from 2 to ``largest``.

    Their concentration varies, so that they range from nearly equal to nearly disjoint, and about
    a third of the pairs have zeros, at places drawn for each vector.
    """
    size = rng.integers(2, largest + 1)
    concentration = 10 ** rng.uniform(-1, 3)
    p, q = rng.dirichlet(np.full(size, concentration), 2) + np.finfo(float).tiny
    if rng.random() < 1 / 3:
        p[rng.permutation(size)[: size // 2]] = 0
        q[rng.permutation(size)[: size // 2]] = 0
    return p / p.sum(), q / q.sum()
