"""Extensions measured on small runs, from trained folders to records: what a user types."""

import pytest
import yaml

from gan_repro.config.extensions import load_extensions
from gan_repro.errors import UserError
from gan_repro.experiments.whole import Whole
from gan_repro.extensions.measured import measure
from gan_repro.extensions.records import read, read_arrays
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


def test_a_missing_run_is_one_line(digits, tmp_path):
    path = tmp_path / "set.yaml"
    path.write_text(yaml.safe_dump(SET))
    with pytest.raises(UserError, match="digits_conditional"):
        measure(
            "class_conditional", load_extensions(str(path)), digits / "prepared", tmp_path,
            tmp_path, prepare_device("cpu", 1),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("learned_inference", "images"),
        ("completion", "images"),
        ("semi_supervised", "draws"),
        ("semi_supervised", "network_draws"),
        ("autoencoders", "images"),
        ("directed", "images"),
        ("adversarial_density", "images"),
    ],
)
def test_one_repetition_where_a_mean_has_an_interval_is_one_line(digits, tmp_path, name, option):
    path = tmp_path / "set.yaml"
    changed = {"extends": "digits", "only": [name], "extensions": {name: {"options": {option: 1}}}}
    path.write_text(yaml.safe_dump(changed))
    with pytest.raises(UserError, match=f"{option}.*greater than or equal to 2") as caught:
        measure(
            name, load_extensions(str(path)), digits / "prepared", tmp_path, tmp_path,
            prepare_device("cpu", 1),
        )  # fmt: skip
    assert "\n" not in str(caught.value)
