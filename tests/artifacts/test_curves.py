"""Learning curves are drawn from metrics.csv alone, to the same bytes each time."""

import shutil

import pandas as pd
import pytest
from harness import run_record

from gan_repro.artifacts import curves
from gan_repro.artifacts.curves import _draw, draw_curves
from gan_repro.config.schema import to_json
from gan_repro.errors import UserError
from gan_repro.files import sha256, write_json


@pytest.fixture
def run(tmp_path):
    """A run of four epochs, two of them validated."""
    folder = tmp_path / "seed0"
    write_json(folder / "run.json", to_json(run_record()))
    columns = {
        "epoch": [1, 2, 3, 4],
        "d_real": [0.9, 0.8, 0.7, 0.6],
        "d_fake": [0.1, 0.2, 0.3, 0.4],
    }
    table = pd.DataFrame(columns | {"valid_ll": [None, -5.0, None, 3.0]})
    table.to_csv(folder / "metrics.csv", index=False)
    return folder


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    first = draw_curves([run], tmp_path / "a")
    second = draw_curves([run], tmp_path / "b")
    assert [path.suffix for path in first] == [".png", ".pdf"]
    assert [sha256(path) for path in first] == [sha256(path) for path in second]


def test_a_run_goes_on_where_the_one_ends_that_it_was_trained_from(run, tmp_path):
    later = tmp_path / "later"
    shutil.copytree(run, later)
    own = {"title": "B net", "row": "B", "dataset": "digits", "choices": [], "pretrained": "e"}
    write_json(later / "run.json", to_json(run_record(experiment="later", config=own)))
    epochs = {}

    def spy(groups, data):
        epochs.update({row: list(tables[0]["epoch"]) for (_, row), tables in groups.items()})
        return _draw(groups, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "_draw", spy)
        draw_curves([run, later], tmp_path / "both")
        assert epochs == {"Adversarial nets": [1, 2, 3, 4], "B": [5, 6, 7, 8]}
        draw_curves([later], tmp_path / "alone")
        assert epochs["B"] == [1, 2, 3, 4]


def test_a_run_without_metrics_is_one_line(tmp_path):
    with pytest.raises(UserError, match="has no metrics.csv"):
        draw_curves([tmp_path], tmp_path / "a")


DAMAGED = {
    "empty": (b"", "has no column epoch, valid_ll"),
    "no scores": (b"epoch\n1\n", "has no column valid_ll"),
    "no epochs": (b"valid_ll\n1\n", "has no column epoch"),
    "semicolons": (b"epoch;valid_ll\n1;2\n", "has no column epoch, valid_ll"),
    "latin 1": ("epoch,valid_ll\n1,ü\n".encode("latin-1"), "is not a table"),
    "no lines": (b"epoch,valid_ll\n", "is not a table of epochs"),
    "words": (b"epoch,valid_ll\n1,good\n", "is not a table of epochs"),
    "an epoch of words": (b"epoch,valid_ll\none,1\n", "is not a table of epochs"),
    "half an epoch": (b"epoch,valid_ll\n1.5,1\n", "is not a table of epochs"),
    "words of D": (b"epoch,valid_ll,d_real,d_fake\n1,1,x,0\n", "is not a table of epochs"),
    "one player": (b"epoch,valid_ll,d_real\n1,1,0\n", "is not a table of epochs"),
    "infinite": (b"epoch,valid_ll\n1,-inf\n", "is not a table of epochs"),
    "twice": (b"epoch,valid_ll\n1,1\n1,2\n", "is not a table of epochs"),
}


@pytest.mark.parametrize(("content", "expected"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_table_is_one_line(run, tmp_path, content, expected):
    (run / "metrics.csv").write_bytes(content)
    with pytest.raises(UserError, match=rf"metrics\.csv {expected}") as caught:
        draw_curves([run], tmp_path / "a")
    assert "\n" not in str(caught.value)


def test_scores_below_the_axis_are_marked_on_its_edge(run):
    table = pd.DataFrame({"epoch": range(1, 41), "valid_ll": [-1e6, -1e5, *range(38)]})
    figure = _draw({("A net", "Adversarial nets"): [table]}, "MNIST")
    assert figure.get_suptitle() == "MNIST"
    axes = figure.axes[0]
    bottom, _ = axes.get_ylim()
    (marked,) = [line for line in axes.get_lines() if not line.get_clip_on()]
    # One arrow, where the line comes up.
    assert list(marked.get_xdata()) == [2]
    assert list(marked.get_ydata()) == [bottom]
    figure.canvas.draw()


@pytest.mark.parametrize(("longest", "scale"), [(80, "linear"), (100, "log")])
def test_short_runs_keep_room_beside_long_ones(longest, scale):
    tables = [pd.DataFrame({"epoch": [1, end], "valid_ll": [1.0, 2.0]}) for end in (4, longest)]
    figure = _draw({(name, name): [table] for name, table in zip("AB", tables, strict=True)}, "D")
    assert {axes.get_xscale() for axes in figure.axes} == {scale}
    figure.canvas.draw()
