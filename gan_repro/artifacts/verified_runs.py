"""Whether each run of a folder of results agrees with itself, and is whole."""

import math
from collections.abc import Iterator
from pathlib import Path

from gan_repro.artifacts.agreement import told
from gan_repro.artifacts.cards import CARD, sealed
from gan_repro.artifacts.lines import read_rows
from gan_repro.config.schema import read_record
from gan_repro.errors import UserError, reading
from gan_repro.evaluation.samples import drawn_record
from gan_repro.evaluation.scores import Drawn, Score, read_scores
from gan_repro.files import read_json, sha256
from gan_repro.training.runs import RunFolder, files_below

RECORD, METRICS, WEIGHTS, SEAL = "run.json", "metrics.csv", "model.safetensors", "trained.sha256"
SCORES, SAMPLES, DRAWN = "parzen.json", "samples.npy", "samples.drawn.json"
# What a training is finished with; the weights may be too large to keep.
FINISHED = (WEIGHTS, METRICS, RECORD)
# Where one of these is, a run was.
TRACES = (RECORD, WEIGHTS, SEAL, CARD, SCORES, DRAWN)
# What is made from weights, so that it must be known which they were.
DERIVED = (WEIGHTS, CARD, SCORES, SAMPLES, "scores.json")


def runs(root: Path) -> Iterator[str]:
    """Compare each run's record with its metrics, its digests, its scores and its card."""
    for path in sorted({path.parent for name in TRACES for path in files_below(root, name)}):
        folder = RunFolder(path)
        parts = [_scores, _samples]
        if not folder.record.exists():
            parts.append(_orphans)
        elif not _only_scored(folder):
            parts += [_training, _seal, _own_scores, _card]
        for part in parts:
            yield from told(part(folder), f"{path.relative_to(root)}: ")


def _only_scored(folder: RunFolder) -> bool:
    """Return whether nothing was trained: a run.json can say no more than what samples are of."""
    try:
        content = read_json(folder.record)
    except UserError:
        return False
    kept = any(path.exists() for path in (folder.metrics, folder.weights, folder.sums))
    return isinstance(content, dict) and "config" not in content and not kept


def _orphans(folder: RunFolder) -> Iterator[str]:
    """Tell of what only a training leaves, without its record."""
    left = [name for name in (WEIGHTS, SEAL, CARD) if (folder.path / name).exists()]
    if any(score.epochs is not None for score in _read_scores(folder)):
        left.append(SCORES)
    if left:
        yield f"no {RECORD}, but {', '.join(left)}"


def _training(folder: RunFolder) -> Iterator[str]:
    record = folder.read_record()
    if not folder.metrics.exists():
        yield f"no {METRICS}, but {RECORD}"
        return
    metrics = read_rows(folder.metrics, ("epoch", "valid_ll"))
    if [row["epoch"] for row in metrics] != [str(n) for n in range(1, record.epochs + 1)]:
        yield f"{METRICS} has {len(metrics)} epochs, {RECORD} {record.epochs}"
        return
    scored = _validations(folder, metrics)
    expected = max(scored, key=scored.get) if record.chosen.by == "validation" else max(scored)
    if record.chosen.epoch != expected:
        yield f"{RECORD} keeps epoch {record.chosen.epoch}, {METRICS} says {expected}"
    elif not abs(scored[expected] - record.chosen.valid_ll) <= 1e-6:
        yield f"the validation score of epoch {expected} differs between {METRICS} and {RECORD}"


def _validations(folder: RunFolder, metrics: list[dict[str, str]]) -> dict[int, float]:
    with reading(folder.metrics, "is not a table of epochs", "train the run again"):
        scored = {int(row["epoch"]): float(row["valid_ll"]) for row in metrics if row["valid_ll"]}
        if not scored or any(math.isnan(score) for score in scored.values()):
            raise ValueError("a validation score is missing")
    return scored


def _seal(folder: RunFolder) -> Iterator[str]:
    """Compare files with what they were finished with; a course kept alone needs no seal."""
    derived = [name for name in DERIVED if (folder.path / name).exists()]
    if not folder.sums.exists():
        if derived or folder.path.parent.parent.name == "runs":
            yield f"no {SEAL}, which says what the run was finished with"
        return
    digests = sealed(folder)
    for name in FINISHED:
        if name not in digests:
            yield f"{SEAL} has no digest of {name}"
    for name, digest in digests.items():
        path = folder.path / name
        if path.is_file() and sha256(path) != digest:
            yield f"{name}: its SHA-256 is not the one it was finished with"
        elif not path.is_file() and name not in FINISHED:
            yield f"{name}: in {SEAL}, but not there"


def _own_scores(folder: RunFolder) -> Iterator[str]:
    record = folder.read_record()
    for score in _read_scores(folder):
        if (score.experiment, score.seed) != (record.experiment, record.seed):
            yield f"{SCORES} is of {score.experiment}, seed {score.seed}"
        if score.epochs != record.epochs:
            yield f"{SCORES} says {score.epochs} epochs, {RECORD} {record.epochs}"


def _scores(folder: RunFolder) -> Iterator[str]:
    for score in _read_scores(folder):
        for name, grid in score.grids.items():
            with reading(folder.path / SCORES, "has no curve over σ", "score the samples again"):
                best = grid.sigmas[grid.valid_curve.index(max(grid.valid_curve))]
            if best != grid.sigma:
                yield f"{SCORES}, {name} grid: σ is not the best on validation images"


def _samples(folder: RunFolder) -> Iterator[str]:
    """Compare samples with the record of their drawing, that with the weights, scores with both."""
    samples = folder.path / SAMPLES
    digest = sha256(samples) if samples.exists() else None
    if drawn_record(samples).exists():
        drawn = read_record(drawn_record(samples), Drawn)
        if digest not in (None, drawn.samples_sha256):
            yield f"{SAMPLES} is not what {DRAWN} says was drawn"
        if _weights(folder) not in (None, drawn.weights_sha256):
            yield f"{DRAWN} is of other weights than {WEIGHTS}"
        digest = digest or drawn.samples_sha256
    of = {score.samples_sha256 for score in _read_scores(folder)} - {None}
    if digest and of - {digest}:
        yield f"{SCORES} is of other samples than {SAMPLES}"


def _card(folder: RunFolder) -> Iterator[str]:
    card, weights = folder.path / CARD, _weights(folder)
    if not card.exists():
        return
    with reading(card, "is not a model card", f"write it again: gan-repro card {folder.path}"):
        text = card.read_text(encoding="utf-8")
    if weights and weights not in text:
        yield f"{CARD} is of other weights"


def _weights(folder: RunFolder) -> str | None:
    """Return the digest of a run's weights; what the seal says where they are not kept."""
    return sha256(folder.weights) if folder.weights.exists() else sealed(folder).get(WEIGHTS)


def _read_scores(folder: RunFolder) -> list[Score]:
    path = folder.path / SCORES
    return read_scores(path) if path.exists() else []
