"""A model card beside the weights of a run: what it is, what it was made from, what it scores."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from gan_repro.artifacts.redrawing import redrawn_means
from gan_repro.config.catalogue import dataset_source
from gan_repro.errors import UserError, reading
from gan_repro.evaluation.samples import origin_of
from gan_repro.evaluation.scores import Score, read_redrawn, read_scores
from gan_repro.files import sha256, write_text
from gan_repro.training.runs import RunFolder, RunRecord

CARD = "card.md"
# A line of trained.sha256, of a file in the same folder, as sha256sum writes it.
SUM = re.compile(r"([0-9a-f]{64}) [ *]([^/]+)")


def write_card(folder: RunFolder) -> Path:
    """Write ``card.md`` into a run's folder, from run.json, parzen.json and redrawn.json there.

    Raises:
        UserError: the run is not finished, or a score is of other samples or weights than its.
    """
    record = folder.read_record()
    scores = folder.path / "parzen.json"
    found = read_scores(scores) if scores.exists() else []
    _refuse_others(folder, record, found)
    weights = weights_sha256(folder)
    score = _scores(found) + _redrawn(scores, found, weights)
    header = _header(folder, record, weights)
    parts = [header, _data(record), _recipe(record), score, _use(folder, record)]
    path = folder.path / CARD
    write_text(path, "\n".join(parts))
    return path


def _refuse_others(folder: RunFolder, record: RunRecord, found: Sequence[Score]) -> None:
    """Raise UserError where samples or scores in a run's folder are not of its weights."""
    scores, samples = folder.path / "parzen.json", folder.path / "samples.npy"
    digest = origin_of(samples).samples_sha256 if samples.exists() else None
    again = f"gan-repro parzen {samples} --dataset {record.dataset.name} --out {scores}"
    for score in found:
        if digest and score.samples_sha256 not in (None, digest):
            raise UserError(
                f"{scores} is of other samples than {samples.name}; score them again: {again}"
            )
        if (score.experiment, score.seed) != (record.experiment, record.seed):
            raise UserError(
                f"{folder.path}: a score of {score.experiment}, seed {score.seed}, does not "
                f"belong on the card of {record.experiment}, seed {record.seed}"
            )
        if score.epochs not in (None, record.epochs):
            raise UserError(
                f"{scores} is of {score.epochs} epochs, but {record.epochs} are trained; draw "
                f"and score again: gan-repro sample {folder.path}, then {again}"
            )


def sealed(folder: RunFolder) -> dict[str, str]:
    """Return the digests that a run was finished with, by file; none where it has no seal.

    Raises:
        UserError: trained.sha256 is no list of digests.
    """
    if not folder.sums.exists():
        return {}
    with reading(folder.sums, "is not a list of SHA-256 digests", "train the run again"):
        lines = folder.sums.read_text(encoding="utf-8").splitlines()
        parts = [(line, SUM.fullmatch(line)) for line in lines]
        wrong = [line for line, match in parts if not match]
        if wrong:
            raise ValueError(f"a line is {wrong[0]!r}")
        return {match[2]: match[1] for _, match in parts}


def weights_sha256(folder: RunFolder) -> str:
    """Return the digest of a run's weights, or what its seal says where they are not kept."""
    if not folder.weights.exists() and (digest := sealed(folder).get(folder.weights.name)):
        return digest
    return sha256(folder.weights)


def _header(folder: RunFolder, record: RunRecord, digest: str) -> str:
    size = "not kept here"
    if folder.weights.exists():
        size = f"{folder.weights.stat().st_size / 2**20:.1f} MiB"
    return (
        f"# {record.config['title']}: {record.experiment}, seed {record.seed}\n\n"
        f"- weights: `model.safetensors`, {size}, SHA-256 `{digest}`\n"
        f"- made by: commit {record.commit}, PyTorch {record.versions['torch']}, {record.device}\n"
    )


def _data(record: RunRecord) -> str:
    data, source = record.dataset, dataset_source(record.dataset.name)
    origin = f"{source.source}; licence: {source.licence}"
    if data.title != source.title:
        origin = "a file of the user's, whose source and licence are not known here"
    return f"## Data\n\n- {data.title}: {origin}\n- prepared file: SHA-256 `{data.sha256}`\n"


def _recipe(record: RunRecord) -> str:
    config, chosen = record.config, record.chosen
    lines = [
        f"- epochs: {record.epochs}{_of(record.recipe_epochs)}; kept: epoch {chosen.epoch}, by "
        f"{chosen.by}",
        f"- hyperparameters: `gan-repro experiments show {record.experiment}`, "
        "and in full in run.json",
    ]
    if config.get("pretrained"):
        lines.append(f"- starts from: {config['pretrained']}, SHA-256 `{record.pretrained_sha256}`")
    lines += [
        f"- sources changed in epoch {change.epoch}: {_versions(change.before)} until then, "
        f"{_versions(change.after)} from then on"
        for change in record.source_changes
    ]
    lines += [f"- our choice, {choice}" for choice in config["choices"]] + _warnings(record)
    return "## Recipe\n\n" + "\n".join(lines) + "\n"


def _of(recipe_epochs: int | None) -> str:
    return f" of the recipe's {recipe_epochs}" if recipe_epochs else ""


def _warnings(record: RunRecord) -> list[str]:
    return [f"- **do not trust this model**: {warning}" for warning in record.warnings]


def _versions(source: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value[:12]}" for name, value in source.items())


def _scores(scores: Sequence[Score]) -> str:
    lines = []
    for grid in ("authors", "fine") if scores else ():
        values = [score.grids[grid] for score in scores]
        mean = math.fsum(value.test_ll for value in values) / len(values)
        lines.append(
            f"- {mean:.1f} nats on the {grid} grid, {len(scores)} fold(s), "
            f"σ = {', '.join(sorted({format(value.sigma, '.3g') for value in values}))}"
        )
    warnings = sorted({warning for score in scores for warning in score.warnings})
    lines += [f"- warning: {warning}" for warning in warnings]
    text = "\n".join(lines) or "- not scored"
    return "## Parzen log-likelihood of test images\n\n" + text + "\n"


def _redrawn(path: Path, scores: Sequence[Score], weights: str) -> str:
    others = read_redrawn(path) if scores else []
    if {other.samples_sha256 for other in others} - {None, weights}:
        raise UserError(
            f"{path.with_name('redrawn.json')} is of other weights than model.safetensors; "
            f"redraw them: gan-repro redraw {path.parent}"
        )
    means = redrawn_means(path, scores, others) if others else {}
    drawn = [f"{mean:.1f}" for (draw, subset), mean in means.items() if draw and not subset]
    line = f"- other draws from these weights, on the authors grid: {', '.join(drawn)}\n"
    return line if drawn else ""


def _use(folder: RunFolder, record: RunRecord) -> str:
    command = f"gan-repro sample --from {folder.weights.name} --out samples.npy"
    if not folder.weights.exists():
        command = f"gan-repro train {record.experiment} --seed {record.seed}"
    return f"## Use\n\n    {command}\n"
