"""A card carries nothing that is of other weights than those beside it."""

import json

import pytest
from harness import run_record

from gan_repro.artifacts.cards import sealed, write_card
from gan_repro.config.schema import to_json
from gan_repro.errors import UserError
from gan_repro.files import sha256, write_json
from gan_repro.training.runs import RunFolder

GRID = {
    "sigma": 0.2, "at_edge": False, "valid_ll": 1.0, "test_ll": 1.0, "test_se": 0.1,
    "sigmas": [0.2], "valid_curve": [1.0],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    """A scored run, with what stands for weights and for samples."""
    run, record = RunFolder(tmp_path), run_record()
    write_json(run.record, to_json(record))
    run.weights.write_bytes(b"weights")
    samples = tmp_path / "samples.npy"
    samples.write_bytes(b"samples")
    drawn = {"weights_sha256": sha256(run.weights), "samples_sha256": sha256(samples)}
    write_json(tmp_path / "samples.drawn.json", drawn)
    score = {
        "experiment": record.experiment, "row": record.row, "seed": record.seed,
        "epochs": record.epochs, "samples_sha256": sha256(samples), "dataset": "digits",
        "title": "t", "dataset_sha256": "0", "fold": 0, "samples": 20, "valid_points": 5,
        "test_points": 5, "grids": {"authors": GRID, "fine": GRID}, "warnings": [],
    }  # fmt: skip
    write_json(tmp_path / "parzen.json", [score])
    return run


def test_a_card_has_the_score_of_its_weights(folder):
    assert "1.0 nats" in write_card(folder).read_text(encoding="utf-8")


def test_an_extended_run_needs_new_scores(folder):
    record = folder.read_record()
    longer = record.model_copy(update={"epochs": record.epochs + 5})
    write_json(folder.record, to_json(longer))
    expected = f"is of {record.epochs} epochs, but {longer.epochs} are trained; draw and score"
    with pytest.raises(UserError, match=expected) as error:
        write_card(folder)
    assert "\n" not in str(error.value)
    assert not (folder.path / "card.md").exists()


def test_samples_of_other_weights_are_refused(folder):
    folder.weights.write_bytes(b"others")
    with pytest.raises(UserError, match="was drawn from other weights than model.safetensors"):
        write_card(folder)


def test_a_score_without_epochs_is_one_of_the_run(folder):
    scores = folder.path / "parzen.json"
    (score,) = json.loads(scores.read_text(encoding="utf-8"))
    del score["epochs"]
    write_json(scores, [score])
    assert "1.0 nats" in write_card(folder).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content", [b"\xff", b"garbage\n", b"12  a\n", b"%s  ../a\n" % (b"0" * 64)]
)
def test_a_damaged_seal_is_one_line(folder, content):
    folder.sums.write_bytes(content)
    with pytest.raises(UserError, match="trained.sha256 is not a list of SHA-256 digests") as error:
        sealed(folder)
    assert "\n" not in str(error.value)


def test_a_seal_is_read_as_sha256sum_writes_it(folder):
    folder.sums.write_text(f"{'0' * 64}  a b.json\n{'1' * 64} *b\n")
    assert sealed(folder) == {"a b.json": "0" * 64, "b": "1" * 64}
