import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gan_repro.artifacts.figure1 import ARROWS, draw_panels, film
from gan_repro.theory.games.figure1_run import P_DATA, State, X, Z


@pytest.fixture
def states():
    d = np.full_like(X, 0.5)
    return [State(f"shift {shift}", 0.5 * Z + shift, d, P_DATA) for shift in (0, 0.1, 0.2, 0.3)]


def test_each_panel_has_its_letter_and_its_arrows(states):
    figure = draw_panels(states)
    assert [axis.get_title() for axis in figure.axes] == ["(a)", "(b)", "(c)", "(d)"]
    for axis, state in zip(figure.axes, states, strict=True):
        tips = [note.xy[0] for note in axis.texts if hasattr(note, "xy")]
        np.testing.assert_allclose(tips, state.x[ARROWS])
    plt.close(figure)


def test_the_film_plays_without_a_network(states):
    page = film(states[:2])
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page)
    assert "fa-" not in page
    assert "▶" in page
    assert page.count("data:image/png;base64") == 2
