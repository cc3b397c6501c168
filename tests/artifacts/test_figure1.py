import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gan_repro.artifacts.figure1 import ARROWS, FILM_WINDOW, WORDS, draw_panels, film, write_game
from gan_repro.files import read_json
from gan_repro.theory.games.figure1_states import CELL, P_DATA, State, X, Z


@pytest.fixture
def states():
    d = np.full_like(X, 0.5)
    return [
        State(f"shift {shift}", 0.5 * Z + shift / 10, d, np.roll(P_DATA, shift))
        for shift in range(4)
    ]


def test_each_panel_has_its_letter_and_its_arrows(states):
    figure = draw_panels(states)
    assert [axis.get_title() for axis in figure.axes] == ["(a)", "(b)", "(c)", "(d)"]
    for axis, state in zip(figure.axes, states, strict=True):
        tips = [note.xy[0] for note in axis.texts if hasattr(note, "xy")]
        np.testing.assert_allclose(tips, state.x[ARROWS])
    plt.close(figure)


def test_each_panel_draws_both_densities_d_and_its_optimum(states):
    figure = draw_panels(states)
    for axis, state in zip(figure.axes, states, strict=True):
        drawn = {line.get_label(): line.get_ydata() for line in axis.lines}
        np.testing.assert_array_equal(drawn["$p_{data}(x)$"], P_DATA / CELL)
        np.testing.assert_array_equal(drawn["$p_g(x)$"], state.p_g / CELL)
        np.testing.assert_array_equal(drawn["$D(x)$"], state.d)
        np.testing.assert_array_equal(drawn["$D^*(x)$"], state.d_star)
    plt.close(figure)


def test_panel_c_shows_where_p_g_was_before_the_update(states):
    figure = draw_panels(states)
    (thin,) = [line for line in figure.axes[2].lines if line.get_label() == "$p_g$ before"]
    np.testing.assert_array_equal(thin.get_ydata(), states[1].p_g / CELL)
    (legend,) = figure.legends
    assert "$p_g$ before" in [text.get_text() for text in legend.get_texts()]
    others = (figure.axes[0], figure.axes[1], figure.axes[3])
    assert all(len(axis.lines) == 4 for axis in others)
    plt.close(figure)


def test_the_film_plays_without_a_network_and_shows_its_first_frame_at_once(states):
    page = film(states[:2])
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page)
    assert "fa-" not in page
    for word in set(WORDS.values()):
        assert re.search(rf">\s*{word}\s*</button>", page), word
    first = re.search(r'<img [^>]*src="(data:image/png;base64,[^"]+)"', page)[1]
    assert first in page.replace("\\\n", "").split('frames[0] = "')[1].split('"')[0]


def test_the_film_is_as_wide_as_a_generator_that_starts_far_to_the_right(states):
    assert FILM_WINDOW[0] <= X[0] + CELL
    assert FILM_WINDOW[1] >= X[-1] - CELL


def test_the_game_written_as_numbers_is_the_one_that_is_drawn(states, tmp_path):
    write_game(states, states[:4], tmp_path / "game.json")
    game = read_json(tmp_path / "game.json")
    assert game["panels"] == {"a": 0, "b": 1, "c": 2, "d": 3}
    np.testing.assert_allclose(game["x"], X, atol=1e-4)
    for frame, state in zip(game["frames"], states, strict=True):
        np.testing.assert_allclose(frame["p_g"], state.p_g / CELL, atol=1e-4)
        np.testing.assert_allclose(frame["g"], state.x[ARROWS], atol=1e-4)
        assert frame["jsd"] == pytest.approx(state.jsd, abs=1e-6)
