"""The pairs (p_data, p_g) on which the notebooks execute the theorems."""

from gan_repro.theory.densities import Cauchy, Density, Gaussian, Laplace, Uniform
from gan_repro.theory.mixtures import Mixture

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
