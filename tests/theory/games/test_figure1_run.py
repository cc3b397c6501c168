import numpy as np
import pytest
import torch
from scipy.stats import kstest

from gan_repro.theory.games.figure1_run import DATA, P_DATA, State, X, draw, record


@pytest.fixture(scope="module")
def run():
    return record(0, approach=6, inner=10, steps=12, frames=16)


def test_the_recording_is_reproducible(run):
    again = record(0, approach=6, inner=10, steps=12, frames=16)
    for left, right in zip(run.frames, again.frames, strict=True):
        assert left.x.tobytes() == right.x.tobytes()
        assert left.d.tobytes() == right.d.tobytes()


def test_panels_are_states_of_the_run_in_order(run):
    places = [next(i for i, f in enumerate(run.frames) if f is panel) for panel in run.panels]
    assert places == sorted(places)
    assert places[-1] == len(run.frames) - 1


def test_the_inner_loop_moves_d_alone_and_the_update_g_alone(run):
    a, b, c, _ = run.panels
    assert np.array_equal(a.x, b.x)
    assert not np.array_equal(a.d, b.d)
    assert np.array_equal(b.d, c.d)
    assert not np.array_equal(b.x, c.x)


def test_g_starts_increasing(run):
    assert np.all(np.diff(run.frames[0].x) > 0)


def test_distances_at_the_solution():
    state = State("exact", X, np.full_like(X, 0.5), P_DATA)
    assert state.jsd < 1e-15
    assert state.distance(0.5) == state.distance(state.d_star) == 0


def test_data_are_drawn_from_their_density():
    x = draw(4000, torch.Generator().manual_seed(0))[:, 0].numpy()
    assert kstest(x, DATA.cdf).pvalue > 0.01
    assert P_DATA.sum() == pytest.approx(1)
