"""Kullback–Leibler, Jensen–Shannon and total variation by adaptive quadrature, in nats."""

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import integrate
from scipy.special import xlogy

from gan_repro.theory.densities.analytic import Array, Density, Interval
from gan_repro.theory.densities.mixtures import Mixture, merge

Integrand = Callable[[float], float]

TOLERANCE = 1e-12
SUBINTERVALS = 500
# So far out that x·f(x) has vanished for every integrable f built from the densities here.
REMOTE = 1e60


@dataclass(frozen=True)
class Quadrature:
    """A number from quadrature and the bound on its absolute error that quadrature reports."""

    value: float
    error: float = 0.0

    def __add__(self, other: "Quadrature | float") -> "Quadrature":
        if isinstance(other, Quadrature):
            return Quadrature(self.value + other.value, self.error + other.error)
        return Quadrature(self.value + other, self.error)

    def __mul__(self, factor: float) -> "Quadrature":
        return Quadrature(self.value * factor, self.error * abs(factor))

    __rmul__ = __mul__


def integral(f: Integrand, support: Iterable[Interval], breakpoints: Iterable[float]) -> Quadrature:
    """Integrate f over a union of disjoint intervals, cut at the breakpoints.

    A tail whose contribution does not vanish is reported as an infinite value with the sign of f
    there; the test, x·f(x) far out, suits sums of powers, logarithms and exponentials.
    """
    points = sorted(set(breakpoints))
    total = Quadrature(0.0)
    for low, high in support:
        inner = [x for x in points if low < x < high]
        cuts = [x for x in (low, *inner, high) if math.isfinite(x)]
        span = (cuts[-1] - cuts[0]) or 1.0
        for a, b in itertools.pairwise(cuts):
            total += _quad(f, a, b)
        if low == -math.inf:
            total += _tail(f, cuts[0], -span)
        if high == math.inf:
            total += _tail(f, cuts[-1], span)
    return total


def _quad(f: Integrand, a: float, b: float) -> Quadrature:
    # full_output turns warnings into a result; what they warn of is in the error bound.
    value, error, *_ = integrate.quad(
        f, a, b, epsabs=TOLERANCE, epsrel=TOLERANCE, limit=SUBINTERVALS, full_output=True
    )
    return Quadrature(value, error)


def _tail(f: Integrand, start: float, span: float) -> Quadrature:
    """Integrate f from start to infinity with the sign of span, which is the scale of x."""
    remote = f(start + span * REMOTE)
    if abs(remote * span * REMOTE) > TOLERANCE:
        return Quadrature(math.copysign(math.inf, remote))
    return _quad(lambda t: f(start + span * t / (1 - t)) * abs(span) / (1 - t) ** 2, 0.0, 1.0)


def expectation(p: Density, f: Callable[[Array], Array], others: Iterable[Density]) -> Quadrature:
    """Return E_p[f(x)], with 0·∞ = 0 where p vanishes; ``others`` are the densities f is built of.

    Only the support of p is visited, so f needs no value outside it.
    """

    def integrand(x: float) -> float:
        density = float(p.pdf(x))
        return density * float(f(x)) if density > 0 else 0.0

    breakpoints = [x for density in (p, *others) for x in density.breakpoints]
    return integral(integrand, p.support, breakpoints)


def covers(outer: Density, inner: Density) -> bool:
    """Return whether the support of ``inner`` lies inside that of ``outer``."""
    return merge((*outer.support, *inner.support)) == outer.support


def kullback_leibler(p: Density, q: Density) -> Quadrature:
    """Return KL(p ‖ q) = E_p[log p(x) - log q(x)], infinite where p has mass and q has none."""
    if not covers(q, p):
        return Quadrature(math.inf)
    return expectation(p, lambda x: p.logpdf(x) - q.logpdf(x), [q])


def entropy(p: Density) -> Quadrature:
    """Return the differential entropy H(p) = -E_p[log p(x)]."""
    return expectation(p, lambda x: -p.logpdf(x), [])


def jensen_shannon(p: Density, q: Density) -> Quadrature:
    """Return JSD(p ‖ q) = H((p + q)/2) - H(p)/2 - H(q)/2, between 0 and log 2.

    Lin's entropy form. The two KL terms of eq. 5 are other integrals, each of a ratio, which add
    up to the same number: comparing eqs 5 and 6 tests both.
    """
    return entropy(Mixture((0.5, 0.5), (p, q))) + -0.5 * entropy(p) + -0.5 * entropy(q)


def total_variation(p: Density, q: Density) -> Quadrature:
    """Return TV(p, q) = ½ ∫ |p(x) - q(x)| dx, between 0 and 1."""
    return 0.5 * integral(
        lambda x: abs(float(p.pdf(x)) - float(q.pdf(x))),
        merge((*p.support, *q.support)),
        (*p.breakpoints, *q.breakpoints),
    )


def discrete_kullback_leibler(p: Array, q: Array) -> float:
    """Return KL(p ‖ q) of two probability vectors of shape (n,), with 0 log 0 = 0."""
    if np.any((q == 0) & (p > 0)):
        return math.inf
    return float(np.sum(xlogy(p, p) - xlogy(p, q)))


def discrete_jensen_shannon(p: Array, q: Array) -> float:
    """Return JSD(p ‖ q) of two probability vectors of shape (n,), by entropies."""
    middle = (p + q) / 2
    return float(np.sum((xlogy(p, p) + xlogy(q, q)) / 2 - xlogy(middle, middle)))
