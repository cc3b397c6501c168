"""Numbers with intervals, as they are written and read, and the extensions' registry."""

import json

import numpy as np
import pytest
from scipy import stats

from gan_repro.config.extensions import load_extensions
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import load_experiment
from gan_repro.extensions.measured import extension
from gan_repro.extensions.records import Record, average, exact, read, spread, write
from gan_repro.extensions.registry import EXTENSIONS


def test_an_average_has_its_students_interval():
    values = np.random.default_rng(0).normal(2, 3, 12)
    found = average(values, "draws", "nats")
    low, high = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert (found.repeats, found.of, found.unit) == (12, "draws", "nats")
    assert found.estimate().seeds == 12


def test_a_spread_is_no_interval_but_its_ends():
    found = spread([3.0, 1.0], "seeds")
    assert (found.value, found.low, found.high, found.repeats) == (2, 1, 3, 2)
    assert "smallest, largest" in found.of
    with pytest.raises(ValueError, match="no interval"):
        exact(1).estimate()


def test_a_record_comes_back_as_it_was(tmp_path):
    record = Record(
        name="directed", about="Table 2", dataset="digits", runs=("a seed0",), cpu_seconds=1.5,
        measures={"gap/a": average([1.0, 2.0], "images"), "gap/b": exact(3)},
        series={"course": (1.0, 2.0)},
    )  # fmt: skip
    write(tmp_path / "directed.json", record)
    again = read(tmp_path / "directed.json")
    assert again == record
    assert set(again.matching("gap")) == {"a", "b"}
    with pytest.raises(UserError, match="did you mean 'gap/a'"):
        again["gap/aa"]


def test_a_damaged_record_is_one_line(tmp_path):
    path = tmp_path / "directed.json"
    path.write_text(json.dumps({"name": "directed"}))
    with pytest.raises(UserError, match="directed.json"):
        read(path)


@pytest.mark.parametrize("dataset", ["digits", "mnist"])
def test_every_extension_is_measured_on_each_dataset_with_options_that_it_knows(dataset):
    chosen = load_extensions(dataset)
    assert set(chosen.extensions) == set(EXTENSIONS)
    for name, entry in chosen.extensions.items():
        extension(name).options(**entry.options)
    for experiment in chosen.experiments():
        assert load_experiment(experiment)[1].dataset == dataset


def test_an_unknown_extension_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean 'directed'"):
        extension("directd")
