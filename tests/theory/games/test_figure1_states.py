import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial.distance import jensenshannon

from gan_repro.theory.games.figure1_states import CELL, DATA, EDGES, MASS, P_DATA, State, X, Z

WIDE = np.diff(DATA.cdf(EDGES / 1.5))


def state(p_g=P_DATA, d=0.5, x=Z):
    return State("", np.asarray(x), np.broadcast_to(d, X.shape), p_g)


def test_the_bins_hold_the_data():
    assert P_DATA.sum() == pytest.approx(1)
    assert MASS.sum() == pytest.approx(1)
    place = 120
    assert P_DATA[place] == pytest.approx(quad(DATA.pdf, EDGES[place], EDGES[place + 1])[0])
    assert X[place] == pytest.approx((EDGES[place] + EDGES[place + 1]) / 2)
    np.testing.assert_allclose(np.diff(EDGES), CELL)


def test_everything_at_the_solution():
    exact = state()
    assert exact.jsd < 1e-15
    assert exact.value == pytest.approx(-math.log(4))
    assert exact.distance(0.5) == exact.distance(exact.d_star) == 0
    assert exact.accuracy(np.full_like(X, 0.7)) == pytest.approx(0.5)


def test_jsd_is_scipys_and_counts_what_left_the_bins():
    assert state(WIDE).jsd == pytest.approx(jensenshannon(P_DATA, WIDE) ** 2, abs=1e-12)
    outside = state(np.zeros_like(P_DATA)).jsd
    assert outside == pytest.approx(math.log(2))


def test_the_optimum_is_eq_2_and_gives_the_criterion():
    found = state(WIDE)
    inside = P_DATA > 0
    expected = P_DATA[inside] / (P_DATA + WIDE)[inside]
    np.testing.assert_allclose(found.d_star[inside], expected, rtol=1e-14)
    best = state(WIDE, np.nan_to_num(found.d_star, nan=0.5))
    assert best.value == pytest.approx(2 * found.jsd - math.log(4), abs=1e-12)
    assert best.value > state(WIDE, 0.45).value


def test_where_nothing_is_the_optimum_is_undefined():
    empty = (P_DATA == 0) & (WIDE == 0)
    assert np.isnan(state(WIDE).d_star[empty]).all()
    assert empty.any()


def test_distance_is_a_mean_under_both_densities():
    weight = (P_DATA + WIDE) / 2
    d = 0.5 + 0.3 * np.sin(X)
    expected = np.average(np.abs(d - 0.2), weights=weight)
    assert state(WIDE, d).distance(0.2) == pytest.approx(expected)


def test_accuracy_counts_both_labels():
    split = np.where(X < 0, 0.9, 0.1)
    low = P_DATA[X < 0].sum()
    shifted = np.roll(P_DATA, 40)
    expected = (low + shifted[X > 0].sum()) / 2
    assert state(shifted).accuracy(split) == pytest.approx(expected)


def test_accepted_is_the_mean_of_d_over_samples():
    found = state(x=np.linspace(-1, 1, len(Z)))
    assert found.accepted(0.5 + X / 4) == pytest.approx(0.5)
    assert found.accepted(np.clip(X, 0, 2)) == pytest.approx(0.25, abs=1e-3)
