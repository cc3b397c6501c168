"""Seeds trained together: the folders, records and restarts of separate trainings."""

import json
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from gan_repro.errors import Interrupted, UserError
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.job import Options
from gan_repro.experiments.joint_runs import train_together
from gan_repro.experiments.run import train
from gan_repro.files import sha256
from gan_repro.training.joint_saving import JointSaving
from gan_repro.training.loop import Training
from gan_repro.training.runs import RunFolder

CPU = torch.device("cpu")
SEEDS = (0, 2, 3)


def small(name: str = "digits_authors", epochs: int = 3):
    content = load_experiment(name)[1].with_epochs(epochs)
    plan = content.plan.model_copy(update={"validate_every": 2, "validate_samples": 200})
    return content.model_copy(update={"plan": plan})


def together(digits, runs, epochs: int = 3, **options):
    options = {"checkpoint_seconds": -1.0} | options
    return train_together(
        "digits_authors", small(epochs=epochs), SEEDS, digits / "prepared", runs, CPU,
        Options(**options),
    )  # fmt: skip


def weights_of(runs) -> list[str]:
    folders = [runs / "digits_authors" / f"seed{seed}" for seed in SEEDS]
    return [sha256(RunFolder(folder).weights) for folder in folders]


@pytest.fixture(scope="module")
def unbroken(digits, tmp_path_factory):
    runs = tmp_path_factory.mktemp("together")
    return runs, together(digits, runs)


def test_each_seed_has_the_folder_and_result_of_a_separate_training(digits, unbroken, tmp_path):
    runs, records = unbroken
    for seed, record in zip(SEEDS, records, strict=True):
        alone = RunFolder(tmp_path / str(seed))
        expected = train("digits_authors", small(), seed, digits / "prepared", alone, CPU)
        folder = RunFolder(runs / "digits_authors" / f"seed{seed}")
        names = {path.name for path in folder.path.iterdir()}
        assert names == {path.name for path in alone.path.iterdir()}
        assert record.together == SEEDS
        assert record.chosen.epoch == expected.chosen.epoch
        assert record.chosen.valid_ll == pytest.approx(expected.chosen.valid_ll, abs=1e-3)
        found, wanted = load_file(folder.weights), load_file(alone.weights)
        for name, tensor in wanted.items():
            torch.testing.assert_close(found[name], tensor, rtol=1e-4, atol=1e-5)
        tables = [pd.read_csv(place.metrics) for place in (folder, alone)]
        for table in tables:
            del table["examples_per_second"]
        pd.testing.assert_frame_equal(*tables, rtol=1e-3)
        written, plain = (json.loads(place.record.read_text()) for place in (folder, alone))
        assert set(written) - set(plain) == {"together"}


def test_a_stopped_training_of_several_seeds_ends_with_the_bytes_of_an_unbroken_one(
    digits, unbroken, tmp_path, monkeypatch
):
    """Stopped before, between and after the checkpoints of the seeds are written."""
    runs, _ = unbroken
    writes = 0

    class Killed(BaseException):
        """Nothing catches it."""

    def stopping(limit):
        def write(self):
            nonlocal writes
            writes += 1
            if writes == limit:
                raise Killed
            original(self)

        return write

    original = Training.save
    for limit in (2, 5, 9, 12):
        writes = 0
        monkeypatch.setattr(Training, "save", stopping(limit))
        with pytest.raises(Killed):
            together(digits, tmp_path)
    monkeypatch.setattr(Training, "save", original)
    together(digits, tmp_path)
    assert weights_of(tmp_path) == weights_of(runs)
    leftovers = [*tmp_path.rglob("*.before"), *tmp_path.rglob("saving")]
    assert leftovers == []


def test_finished_seeds_go_on_together(digits, tmp_path):
    together(digits, tmp_path / "a", epochs=4)
    together(digits, tmp_path / "b", epochs=2)
    together(digits, tmp_path / "b", epochs=4)
    assert weights_of(tmp_path / "a") == weights_of(tmp_path / "b")


def test_a_separate_training_does_not_go_on_from_a_joint_one(digits, unbroken):
    folder = RunFolder(unbroken[0] / "digits_authors/seed2")
    with pytest.raises(UserError, match="belongs to another run .together"):
        train("digits_authors", small(epochs=4), 2, digits / "prepared", folder, CPU)


def test_what_cannot_be_trained_together_is_one_line(digits, tmp_path):
    where = digits / "prepared", tmp_path, CPU, Options()
    with pytest.raises(UserError, match="only adversarial nets"):
        train_together("digits_gsn", small("digits_gsn"), SEEDS, *where)
    with pytest.raises(UserError, match="two seeds or more"):
        train_together("digits_authors", small(), (1,), *where)


def test_checkpoints_written_half_way_are_those_before(tmp_path, monkeypatch):
    paths = [tmp_path / name / "checkpoint" for name in "abc"]
    for path in paths:
        path.parent.mkdir()
    content = "one"
    writers = [lambda path=path: path.write_text(content) for path in paths]

    def saving(count):
        return JointSaving(paths, [*writers[:count], *([_fail] if count < 3 else [])])

    def _fail():
        raise InterruptedError

    def read():
        return [path.read_text() if path.exists() else None for path in paths]

    for path in paths:
        monkeypatch.setattr(path.__class__, "write_text", _replacing)
    with pytest.raises(InterruptedError):
        saving(2).save()
    JointSaving(paths, []).restore()
    assert read() == [None] * 3
    saving(3).save()
    content = "two"
    for count in (0, 1, 2):
        with pytest.raises(InterruptedError):
            saving(count).save()
        # A restoration that is itself cut short is done again.
        settle = JointSaving._settle
        monkeypatch.setattr(JointSaving, "_settle", lambda self: None)
        JointSaving(paths, []).restore()
        monkeypatch.setattr(JointSaving, "_settle", settle)
        JointSaving(paths, []).restore()
        assert read() == ["one"] * 3
    saving(3).save()
    assert read() == ["two"] * 3


def _replacing(path, text, *arguments, **options):
    """Write as the pipeline does: another file, put in the place of the old one."""
    new = path.with_name("new")
    with open(new, "w", encoding="utf-8") as handle:
        handle.write(text)
    new.replace(path)


def test_the_order_of_images_of_each_seed_is_its_own(unbroken):
    orders = [
        np.asarray(
            load_file(RunFolder(unbroken[0] / f"digits_authors/seed{s}").checkpoint)["order"]
        )
        for s in SEEDS
    ]
    assert not np.array_equal(orders[0], orders[1])


def test_a_signal_among_validations_finds_every_seed_in_the_same_place(
    digits, unbroken, tmp_path, monkeypatch
):
    """In the second seed's validation of an epoch, and in that of the last one, if not due."""
    validate = Training._validate
    for limit in (2, 5):
        count = 0

        def stopping(self, epoch, limit=limit):
            nonlocal count
            count += 1
            if count == limit:
                self.stop.number = signal.SIGTERM
            return validate(self, epoch)

        monkeypatch.setattr(Training, "_validate", stopping)
        with pytest.raises(Interrupted, match="saved in"):
            together(digits, tmp_path)
    monkeypatch.setattr(Training, "_validate", validate)
    together(digits, tmp_path)
    assert weights_of(tmp_path) == weights_of(unbroken[0])
