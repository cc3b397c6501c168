import json

import pytest

from gan_repro.artifacts.page.exhibits import (
    GAME,
    curves,
    dependences,
    figures,
    game,
    notebooks,
    panels,
)
from gan_repro.artifacts.page.reading import Gap
from gan_repro.errors import UserError


def test_the_game_is_what_was_recorded(results):
    found = game(results)
    written = json.loads((results / GAME).read_text(encoding="utf-8"))
    assert json.loads(json.dumps(found)) == written
    assert [len(frame["g"]) for frame in found["frames"]] == [len(found["z"])] * 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda game: game["frames"][1]["d"].pop(), "not as long"),
        (lambda game: game["frames"][2]["g"].append(0.0), "not as long"),
        (lambda game: game["panels"].update(d=5), "none of its frames"),
        (lambda game: game.update(frames=game["frames"][:1]), "frames"),
    ],
)
def test_a_game_that_could_not_be_drawn_is_refused(results, change, said):
    content = json.loads((results / GAME).read_text(encoding="utf-8"))
    change(content)
    (results / GAME).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=said):
        game(results)


def test_figures_that_are_there_are_shown_and_others_are_gaps(results):
    (results / "figures/fig3.png").unlink()
    one, two, three = figures(results)
    assert not isinstance(one.picture, Gap)
    assert not isinstance(two.picture, Gap)
    assert three.picture.reason.startswith("figures/fig3.png does not exist")


def test_what_scores_depend_on_is_what_is_there(results):
    assert [shown.figure.title for shown in dependences(results)] == ["The bandwidth"]
    for path in (results / "figures").glob("errors.png"):
        path.unlink()
    with pytest.raises(UserError, match="none of them"):
        dependences(results)


def test_curves_are_of_every_dataset(results):
    folder = results / "figures"
    (folder / "curves_tfd.png").write_bytes((folder / "curves_mnist.png").read_bytes())
    called = {"tfd": "TFD-format faces (not TFD)"}
    titles = [shown.figure.title for shown in curves(results, called)]
    assert titles == ["Learning curves: mnist", "Learning curves: TFD-format faces (not TFD)"]


def test_notebooks_are_called_as_their_pages_and_counted(results):
    (found,) = notebooks(results, {"01_a": ["holds", "fails", "holds"]})
    assert found.title.startswith("The first <script>")
    assert (found.page, found.held, found.checks) == ("notebooks/01_a.html", 2, 3)


def test_panels_are_letter_model_and_data(results):
    assert panels(results)[0][0] == "a"
