import numpy as np
import pytest
import torch
from scipy.stats import kstest

from gan_repro.theory.games.figure1_run import (
    Recording,
    draw,
    median_game,
    new_games,
    observe,
    record,
    start_as_a_bell,
)
from gan_repro.theory.games.figure1_states import DATA, EDGES, P_DATA, State, X, Z

SHORT = {"approach": 6, "inner": 12, "steps": 12, "frames": 16}


@pytest.fixture(scope="module")
def runs():
    return record(0, 3, **SHORT)


def test_the_recording_is_reproducible(runs):
    for first, second in zip(runs, record(0, 3, **SHORT), strict=True):
        for left, right in zip(first.frames, second.frames, strict=True):
            assert left.x.tobytes() == right.x.tobytes()
            assert left.d.tobytes() == right.d.tobytes()


def test_games_differ_in_everything_random(runs):
    for place in ("x", "d"):
        starts = [getattr(run.start, place) for run in runs]
        assert np.abs(starts[0] - starts[1]).max() > 1e-3
        assert np.abs(starts[1] - starts[2]).max() > 1e-3


def test_panels_are_states_of_the_run_in_order(runs):
    for run in runs:
        assert run.start is run.frames[0]
        places = [next(i for i, f in enumerate(run.frames) if f is panel) for panel in run.panels]
        assert places == sorted(set(places))
        assert places[-1] == len(run.frames) - 1


def test_labels_count_the_iterations(runs):
    labels = [panel.label for panel in runs[0].panels]
    assert labels == [
        "Algorithm 1, iteration 6",
        "inner loop, D step 12",
        "one update of G",
        "Algorithm 1, iteration 18",
    ]


def test_the_inner_loop_moves_d_alone_and_the_update_g_alone(runs):
    for run in runs:
        a, b, c, _ = run.panels
        assert np.array_equal(a.x, b.x)
        assert not np.array_equal(a.d, b.d)
        assert np.array_equal(b.d, c.d)
        assert not np.array_equal(b.x, c.x)


def test_every_g_starts_increasing_as_a_bell_to_the_right_of_the_data():
    played = new_games(4, 5)
    start_as_a_bell(played, mean=0.8, deviation=0.3)
    for state in observe(played, "start"):
        assert np.all(np.diff(state.x) > 0)
        assert state.x.mean() == pytest.approx(0.8, abs=1e-6)
        assert state.x.std(ddof=1) == pytest.approx(0.3, rel=1e-6)
        centre = state.p_g[np.abs(X - 0.8) < 0.15].mean()
        assert centre > state.p_g[X < 0.2].max()


def test_the_states_observed_are_the_players(runs):
    played = new_games(0, 3)
    states = observe(played, "start")
    x = torch.from_numpy(X)[:, None]
    np.testing.assert_allclose(states[1].d, played.discriminate(x)[:, 1])
    assert states[1].p_g.sum() <= 1 + 1e-12
    counts = np.histogram(np.interp(np.linspace(Z[0], Z[-1], 200_001), Z, states[1].x), EDGES)[0]
    np.testing.assert_allclose(counts / 200_001, states[1].p_g, atol=1e-4)


def final(jsd):
    """Return a recording whose last panel has about the JSD of a mixture with far-off mass."""
    p_g = (1 - jsd) * P_DATA
    state = State("", Z, np.full_like(X, 0.5), p_g)
    return Recording(state, (state,) * 4, (state,))


@pytest.mark.parametrize(("jsd", "shown"), [((0.3, 0.1, 0.2), 2), ((0.4, 0.1, 0.2, 0.3), 2)])
def test_the_game_shown_is_the_lower_median_by_jsd(jsd, shown):
    assert median_game([final(value) for value in jsd]) == shown


def test_data_are_drawn_from_their_density():
    x = draw(4000, torch.Generator().manual_seed(0))[:, 0].numpy()
    assert kstest(x, DATA.cdf).pvalue > 0.01
