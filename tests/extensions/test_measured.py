"""Extensions measured on small runs, from trained folders to records: what a user types."""

import dataclasses
import shutil

import pytest
import yaml
from pydantic import ValidationError

from gan_repro.config.extensions import load_extensions
from gan_repro.errors import UserError
from gan_repro.experiments.whole import Whole
from gan_repro.extensions import class_conditional
from gan_repro.extensions.measured import _read, measure
from gan_repro.extensions.records import exact, read, read_arrays
from gan_repro.files import read_json, write_json
from gan_repro.training.devices import prepare_device

SET = {
    "dataset": "digits",
    "extensions": {
        "class_conditional": {
            "experiments": {"conditional": "digits_conditional"},
            "options": {"draws": 20},
        },
        "synchronised": {
            "experiments": {"adversarial": "digits_conditional"},
            "options": {"updates": 5, "looks": 1, "samples": 50},
        },
    },
}


def measured(name, content, data, runs, out):
    """Measure one extension of a set."""
    path = out / "set.yaml"
    path.write_text(yaml.safe_dump(content))
    chosen, device = load_extensions(str(path)), prepare_device("cpu", 1)
    return measure(name, chosen, data / "prepared", runs, out, device)


def with_options(name, options):
    """The demo's set with one extension, and some of its options changed."""
    return {"extends": "digits", "only": [name], "extensions": {name: {"options": options}}}


@pytest.fixture(scope="module")
def runs(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    whole = Whole(
        digits / "prepared", folder, 100, prepare_device("cpu", 1), {"digits_conditional": 1}
    )
    whole.run_all([("digits_conditional", 0)], lambda text: None)
    return folder


def test_several_verbs_in_one_process_leave_what_they_leave_one_by_one(runs):
    run = runs / "digits_conditional/seed0"
    names = {path.name for path in run.iterdir()}
    assert {
        "model.safetensors",
        "run.json",
        "samples.npy",
        "parzen.json",
        "trained.sha256",
    } <= names


def test_an_extension_writes_its_record_and_its_images_twice_the_same(runs, digits, tmp_path):
    path = tmp_path / "set.yaml"
    path.write_text(yaml.safe_dump(SET))
    chosen, device = load_extensions(str(path)), prepare_device("cpu", 1)
    records = [
        measure("class_conditional", chosen, digits / "prepared", runs, tmp_path / out, device)
        for out in ("a", "b")
    ]
    assert read(tmp_path / "a/class_conditional.json") == records[0]
    assert records[0].measures == records[1].measures
    assert read_arrays(tmp_path / "a/class_conditional.npz")["draws"].shape == (10, 8, 64)
    right = [records[0][f"recognised/class {k}"].value for k in range(10)]
    assert sum(right) / 10 == pytest.approx(records[0]["recognised/samples"].value)


def test_a_checkpoint_that_is_not_the_end_of_its_run_is_one_line(runs, digits, tmp_path):
    shutil.copytree(runs / "digits_conditional", tmp_path / "digits_conditional")
    record = tmp_path / "digits_conditional/seed0/run.json"
    write_json(record, read_json(record) | {"epochs": 2})
    with pytest.raises(UserError, match="after 1 epochs, but run.json of 2; train it") as caught:
        measured("synchronised", SET, digits, tmp_path, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_record_names_every_run_that_was_read(runs):
    entry = load_extensions("digits").entry("sampling_cost")
    assert _read(entry) == [(name, 0) for name in entry.mixing]
    entry = load_extensions("digits").entry("synchronised")
    assert _read(entry) == [("digits_authors", 0), ("digits_authors", 1)]


def test_a_missing_run_is_one_line(digits, tmp_path):
    with pytest.raises(UserError, match="digits_conditional"):
        measured("class_conditional", SET, digits, tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("learned_inference", "images"),
        ("learned_inference", "batch"),
        ("completion", "images"),
        ("semi_supervised", "draws"),
        ("semi_supervised", "network_draws"),
        ("autoencoders", "images"),
        ("directed", "images"),
        ("directed", "draws"),
        ("undirected", "chains"),
        ("undirected", "repeats"),
        ("adversarial_density", "images"),
        ("differentiable", "repeats"),
    ],
)
def test_one_repetition_where_a_mean_has_an_interval_is_one_line(digits, tmp_path, name, option):
    with pytest.raises(UserError, match=f"{option}.*greater than or equal to 2") as caught:
        measured(name, with_options(name, {option: 1}), digits, tmp_path, tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("synchronised", {"updates": 3, "looks": 4}, "4 looks at 3 updates"),
        ("adversarial_density", {"samples": [100], "standard": 50}, "50 is not"),
        ("adversarial_density", {"samples": []}, "samples.*at least 1 item"),
        ("directed", {"small_grid": 20}, "small_grid is odd, not 20"),
        ("directed", {"bounds": []}, "bounds.*at least 1 item"),
        ("directed", {"bounds": [1, 60], "draws": 50}, "bounds of 60 samples need as many draws"),
        ("learned_inference", {"hidden": []}, "hidden.*at least 1 item"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(digits, tmp_path, name, options, message):
    with pytest.raises(UserError, match=message):
        measured(name, with_options(name, options), digits, tmp_path, tmp_path)


def test_a_number_that_is_none_is_one_line(runs, digits, tmp_path, monkeypatch):
    kind = dataclasses.replace(
        class_conditional.EXTENSION, measure=lambda *_: exact(float("nan"), "nats")
    )
    monkeypatch.setattr("gan_repro.extensions.measured.extension", lambda name: kind)
    with pytest.raises(UserError, match="a number came out as NaN or infinity"):
        measured("class_conditional", SET, digits, runs, tmp_path)


def test_another_value_that_is_invalid_is_not_taken_for_a_number(
    runs, digits, tmp_path, monkeypatch
):
    kind = dataclasses.replace(
        class_conditional.EXTENSION, measure=lambda *_: class_conditional.EXTENSION.options()
    )
    monkeypatch.setattr("gan_repro.extensions.measured.extension", lambda name: kind)
    with pytest.raises(ValidationError):
        measured("class_conditional", SET, digits, runs, tmp_path)
