"""The table and figure of mixing, from records of what was measured."""

import json

import pytest

from gan_repro.artifacts.mixing_table import figure, read_records, table
from gan_repro.artifacts.style import save_figure
from gan_repro.errors import UserError


def record(row: str, independent: bool, time: float) -> dict:
    return {
        "experiment": f"digits_{row}", "row": row, "seed": 0, "title": "digits",
        "independent": independent, "chains": 2, "steps": 500, "integrated_time": time,
        "effective": 1000 / time, "leak": None if independent else 0.25,
        "scores": [
            {"thin": thin, "pixels": pixels, "valid_ll": 10.0 + thin, "sigma": 0.2, "samples": 60}
            for thin in (1, 2, 4, 8, 16) for pixels in ("means", "binary")
        ],
        "autocorrelation": [0.5**lag for lag in range(201)],
    }  # fmt: skip


@pytest.fixture
def paths(tmp_path):
    files = []
    for number, (row, independent) in enumerate(
        [("Mine", True), ("Adversarial nets", True), ("DBN", False)]
    ):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(record(row, independent, 4.0)), encoding="utf-8")
    return files


def test_rows_follow_table_1_and_strangers_come_last(paths):
    assert [found.row for found in read_records(paths)] == ["DBN", "Adversarial nets", "Mine"]


def test_a_run_that_is_given_twice_is_one_line(paths):
    with pytest.raises(UserError, match=r"1\.json is of the same run as .*1\.json; name each"):
        read_records([*paths, paths[1]])


def test_the_table_has_effective_draws_and_scores(paths):
    first, second = table(read_records(paths)).to_dict("records")[:2]
    assert first["effective_per_1000"] == 250
    assert first["transitions_per_independent_draw"] == 4
    assert first["autocorrelation_lag_1"] == 0.5
    assert first["valid_ll_binary_thin_8"] == 18
    assert (first["sampler"], second["sampler"]) == ("Markov chain", "independent draws")
    assert first["leak_nats"] == 0.25


def test_the_figure_has_the_same_bytes_each_time(paths, tmp_path):
    written = [
        [path.read_bytes() for path in save_figure(figure(read_records(paths)), tmp_path / name)]
        for name in ("a", "b")
    ]
    assert written[0] == written[1]
    assert written[0][0].startswith(b"\x89PNG")
    assert written[0][1].startswith(b"%PDF")
