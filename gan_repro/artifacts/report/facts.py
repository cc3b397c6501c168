"""What the reproducibility report says, gathered from a folder of results; no number is its own."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

from gan_repro.artifacts.claims.findings import COMPARISON
from gan_repro.artifacts.claims.verdicts import Row, counts, read_claims
from gan_repro.artifacts.evidence import TABLE as EVIDENCE
from gan_repro.artifacts.evidence import Row as EvidenceRow
from gan_repro.artifacts.lines import rows_if_any
from gan_repro.artifacts.summary import check_verdicts
from gan_repro.artifacts.tables import COMPARISON_COLUMNS
from gan_repro.config.schema import read_record
from gan_repro.extensions.records import Record
from gan_repro.training.runs import RunRecord, trained_below

# Shown where they are there, each with what it is.
FIGURES = {
    "figures/fig1.png": "Figure 1, from a game that was played and recorded",
    "figures/fig2.png": "Figure 2: fair draws; on the right the training images nearest to the "
    "fifth column",
    "figures/fig3.png": "Figure 3: straight lines in z between fair draws",
    "figures/growth.png": "The score against the number of samples",
    "figures/mixing.png": "How the chains of Table 1 mix",
}


class Trained(NamedTuple):
    """The runs of one experiment.

    Attributes:
        epochs: that were trained, and those of the recipe where they differ, in words.
        minutes: wall time of all seeds together.
        warnings: of any seed.
    """

    experiment: str
    row: str
    data: str
    seeds: tuple[int, ...]
    epochs: str
    minutes: float
    warnings: tuple[str, ...]


class Machine(NamedTuple):
    """What a run says of where it was trained."""

    device: str
    platform: str
    threads: int
    torch: str


class Facts(NamedTuple):
    """Everything that the template may use.

    Attributes:
        claims: every statement with its verdict, by id.
        counts: how many statements have each verdict.
        scores: lines of table1_comparison.csv.
        compared: those with a value of the paper beside them.
        evidence: lines of table2_evidence.csv.
        runs: by experiment.
        machines: that the runs name.
        choices: what the authors left open and was chosen → the experiments for which it was.
        extensions: name → CPU seconds of each measured extension.
        checks: how many checks hold, of how many.
        figures: path → what it shows, of those that are there.
    """

    claims: dict[str, Row]
    counts: dict[str, int]
    scores: list[dict[str, str]]
    compared: list[dict[str, str]]
    evidence: list[dict[str, str]]
    runs: list[Trained]
    machines: list[Machine]
    choices: dict[str, list[str]]
    extensions: dict[str, float]
    checks: tuple[int, int]
    figures: dict[str, str]


def gather(results: Path) -> Facts:
    """Read a folder of results; what is not there is left out."""
    claims, scores = read_claims(results), rows_if_any(results / COMPARISON, COMPARISON_COLUMNS)
    records = [folder.read_record() for folder in trained_below(results)]
    verdicts = list(chain.from_iterable(check_verdicts(results / "checks").values()))
    return Facts(
        claims={row.id: row for row in claims},
        counts=counts(claims),
        scores=scores,
        compared=[line for line in scores if line["paper"]],
        evidence=rows_if_any(results / EVIDENCE, EvidenceRow._fields),
        runs=[_trained(group) for group in _by_experiment(records)],
        machines=sorted({_machine(record) for record in records}),
        choices=_choices(records),
        extensions={
            path.stem: read_record(path, Record).cpu_seconds
            for path in sorted((results / "extensions").glob("*.json"))
        },
        checks=(verdicts.count("holds"), len(verdicts)),
        figures={name: what for name, what in FIGURES.items() if (results / name).exists()},
    )


def _by_experiment(records: Iterable[RunRecord]) -> Iterator[list[RunRecord]]:
    ordered = sorted(records, key=lambda record: (record.experiment, record.seed))
    for _, group in groupby(ordered, key=lambda record: record.experiment):
        yield list(group)


def _trained(records: list[RunRecord]) -> Trained:
    first = records[0]
    epochs = sorted({record.epochs for record in records})
    recipe = f" of {first.recipe_epochs}" if first.recipe_epochs else ""
    return Trained(
        experiment=first.experiment,
        row=first.row,
        data=first.dataset.title or first.dataset.name,
        seeds=tuple(record.seed for record in records),
        epochs=", ".join(map(str, epochs)) + recipe,
        minutes=sum(record.wall_seconds for record in records) / 60,
        warnings=tuple(sorted({w for record in records for w in record.warnings})),
    )


def _choices(records: Iterable[RunRecord]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for record in sorted(records, key=lambda record: record.experiment):
        for choice in record.config["choices"]:
            found.setdefault(choice, {})[record.experiment] = None
    return {choice: list(experiments) for choice, experiments in found.items()}


def _machine(record: RunRecord) -> Machine:
    return Machine(record.device, record.platform, record.threads, record.versions["torch"])
