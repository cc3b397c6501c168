"""What a folder of results has to say: checks, scores and measurements, by reference.

01/ID                     a check of the notebook of that number
table1/MODEL/DATASET      a score beside the paper's
order/DATASET             the adversarial nets' score less the best of the others
second/DATASET            the stacked CAE's score less that of the adversarial nets, and theirs
                          less the best of the rest
table2/CELL               a line of table2_evidence.csv
panel/LETTER, figure2/LETTER
                          distances of a panel of Figure 2 to the training images, for the
                          paper's data alone and for whatever it was drawn of
figure3/between, figure3/steps
                          images between two ends of Figure 3
mixing/MODEL, chains/MODEL, means/MODEL
                          draws per independent draw, and what decoder means add to a score
"""

from collections.abc import Iterator
from functools import partial
from math import hypot, nan
from pathlib import Path
from typing import NamedTuple

from gan_repro import paper
from gan_repro.artifacts.claims.ledger import Verdict
from gan_repro.artifacts.evidence import FAILED, NOT_MEASURED, TABLE, read_checks
from gan_repro.artifacts.evidence import Row as EvidenceRow
from gan_repro.artifacts.lines import Rows, rows_if_any
from gan_repro.artifacts.tables import COMPARISON_COLUMNS
from gan_repro.errors import reading
from gan_repro.theory.checks import RELATIONS, Bound, Check, Relation

COMPARISON, MIXING = "table1_comparison.csv", "mixing.csv"
DRAWN, LINES = "figures/fig2_distances.csv", "figures/fig3_distances.csv"
# Whether Figure 2's draws are copies, or something else than images: their mean distance to the
# nearest training image, as a part of the same for test images.
COPIES, LIKE_IMAGES = 0.5, (0.5, 2.0)
# Draws per independent draw: independent ones need one each, up to the error of the estimate.
INDEPENDENT = 1.1
WORDS: dict[str, Verdict] = {
    "supports": "confirmed", "refines": "refined", "contradicts": "not reproduced",
    NOT_MEASURED: "not checked yet", FAILED: "check failed",
}  # fmt: skip


class Finding(NamedTuple):
    """What one piece of evidence says.

    Attributes:
        verdict: ``confirmed`` where it holds.
        said: what was found, in words.
        artefact: the file that it was read from, relative to the results.
        measured, low, high: the number and its 95 % interval.
        relation, bound: what the number must be.
        seeds: independent repetitions.
        checks: references of the checks behind it.
    """

    verdict: Verdict
    said: str
    artefact: str
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    relation: str = ""
    bound: str = ""
    seeds: int | None = None
    checks: tuple[str, ...] = ()


def find(results: Path) -> dict[str, Finding]:
    """Return every finding of a folder of results by its reference.

    Raises:
        UserError: a file is damaged; one that is not there has nothing to say.
    """
    found = dict(_checks(results))
    parts = (
        (COMPARISON, COMPARISON_COLUMNS, _scores),
        (COMPARISON, COMPARISON_COLUMNS, _orders),
        (TABLE, EvidenceRow._fields, partial(_cells, checks=dict(found))),
        (DRAWN, ("panel", "data", "ratio", "samples_smallest"), _distances),
        (LINES, ("what", "data", "measure", "value", "bound"), _between),
        (MIXING, ("model", "dataset", "transitions_per_independent_draw"), _chains),
    )
    for file, columns, judge in parts:
        rows = rows_if_any(results / file, columns)
        with reading(results / file, "is not the table that it should be", "build it again"):
            found |= dict(judge(rows))
    return found


def _checks(results: Path) -> Iterator[tuple[str, Finding]]:
    for name, checks in read_checks(results / "checks").items():
        for check in checks:
            yield f"{name[:2]}/{check.id}", _check(check, f"checks/{name}.json")


def _check(check: Check, artefact: str) -> Finding:
    low, high = check.interval or (None, None)
    failed = check.verdict == "fails"
    return Finding(
        verdict="check failed" if failed else "confirmed",
        said=check.claim.replace("... ", "") + (f"; must be {check.condition}" if failed else ""),
        artefact=artefact,
        measured=check.measured,
        low=low,
        high=high,
        relation=check.relation,
        bound=_written(check.bound),
        seeds=check.seeds,
    )


def _written(bound: Bound) -> str:
    return " to ".join(f"{end:g}" for end in (bound if isinstance(bound, tuple) else (bound,)))


def _measured(
    value: float, relation: Relation, bound: Bound, said: str, artefact: str, **more: int | None
) -> Finding:
    """Judge a number of a table: where it does not hold, the statement is not reproduced."""
    holds = RELATIONS[relation](value, bound)
    verdict = "confirmed" if holds else "not reproduced"
    return Finding(verdict, said, artefact, value, relation=relation, bound=_written(bound), **more)


def _scores(rows: Rows) -> Iterator[tuple[str, Finding]]:
    """Judge each score, in the mean of its draws: within two standard errors of the paper's."""
    for row in rows:
        if not row["paper"]:
            continue
        published, ours = float(row["paper"]), float(row["ours_over_draws"])
        se = float(row["total_se"])
        margin = 2 * hypot(float(row["paper_se"]), se)
        word = "confirmed" if row["verdict"].startswith("agrees") else "not reproduced"
        of = "1 seed" if row["seeds"] == "1" else f"{row['seeds']} seeds"
        because = f"; {row['likely_reason']}" if row["likely_reason"] else ""
        yield (
            f"table1/{row['model']}/{row['dataset']}",
            Finding(
                verdict="not checked yet" if _shortened(row) else word,
                said=f"{_score(row)} here, {of}: {row['verdict']}{because}",
                artefact=COMPARISON,
                measured=ours,
                low=round(ours - 1.96 * se, 1),
                high=round(ours + 1.96 * se, 1),
                relation="between",
                bound=f"{published - margin:.1f} to {published + margin:.1f}",
                seeds=int(row["seeds"]),
            ),
        )


def _score(row: dict[str, str]) -> str:
    score = f"{float(row['ours']):g} ± {row['our_se']}"
    over = f" ({float(row['ours_over_draws']):g} in the mean of several draws)"
    return score + over if row["se_draws"] else score


def _shortened(row: dict[str, str]) -> bool:
    return row["verdict"].startswith("not comparable")


def _orders(rows: Rows) -> Iterator[tuple[str, Finding]]:
    """Judge who scores highest on the paper's data, where all four were trained in full."""
    for dataset in ("MNIST", "TFD"):
        those = [row for row in rows if row["dataset"] == dataset and row["paper"]]
        scores = {row["model"]: float(row["ours_over_draws"]) for row in those}
        short = [row["model"] for row in those if _shortened(row)]
        if set(scores) != set(paper.TABLE_1):
            continue
        own = scores.pop("Adversarial nets")
        best = max(scores, key=scores.get)
        said = f"Adversarial nets {own:g}, {best} {scores[best]:g}"
        lead = _measured(round(own - scores[best], 1), ">", 0.0, said, COMPARISON)
        cae = scores.pop("Stacked CAE")
        second = min(cae - own, own - max(scores.values()))
        place = _measured(round(second, 1), ">", 0.0, f"{said}, CAE {cae:g}", COMPARISON)
        for name, found in (("order", lead), ("second", place)):
            if short:
                why = f"{found.said}; not trained in full: {', '.join(short)}"
                found = found._replace(verdict="not checked yet", said=why)
            yield f"{name}/{dataset}", found


def _cells(rows: Rows, checks: dict[str, Finding]) -> Iterator[tuple[str, Finding]]:
    """Take over what was found of each cell of Table 2, with the number of its first check."""
    for row in rows:
        names = tuple(f"11/{name}" for name in row["checks"].split("; ") if name)
        first = checks.get(names[0]) if names else None
        verdict = WORDS[row["verdict"]]
        if first is None:
            found = Finding(verdict, f"Not measured: {row['finding']}", TABLE)
        else:
            failed = verdict == "check failed"
            said = row["finding"].replace("... ", "") if failed else first.said
            found = first._replace(verdict=verdict, said=said, artefact=TABLE, checks=names)
        yield f"table2/{row['id']}", found


def _distances(rows: Rows) -> Iterator[tuple[str, Finding]]:
    for row in rows:
        ratio, data = float(row["ratio"]), row["data"]
        said = f"Mean distance of draws to the training images, as a part of test images', {data}"
        copies = _measured(ratio, ">=", COPIES, said, DRAWN)
        if float(row["samples_smallest"]) == 0:
            copies = copies._replace(verdict="not reproduced", said=f"A draw is a copy, {data}")
        yield f"figure2/{row['panel']}", copies
        images = _measured(ratio, "between", LIKE_IMAGES, said, DRAWN)
        if data not in paper.DATASETS:
            images = images._replace(verdict="not checked yet", said=f"Drawn of {data} alone")
        yield f"panel/{row['panel']}", images


def _between(rows: Rows) -> Iterator[tuple[str, Finding]]:
    for row in rows:
        said = f"{row['what'].capitalize()}, {row['data']}"
        yield (
            f"figure3/{row['measure']}",
            _measured(float(row["value"]), "<=", float(row["bound"]), said, LINES),
        )


def _chains(rows: Rows) -> Iterator[tuple[str, Finding]]:
    for row in reversed(rows):
        model, data = row["model"], row["dataset"]
        draws = float(row["transitions_per_independent_draw"] or nan)
        said = f"Draws per independent draw, {data}"
        yield f"mixing/{model}", _measured(draws, "<=", INDEPENDENT, said, MIXING)
        yield f"chains/{model}", _measured(draws, ">", INDEPENDENT, said, MIXING)
        means, binary = (float(row[f"valid_ll_{of}_thin_1"]) for of in ("means", "binary"))
        said = f"Nats that decoder means add to the score of binary draws, {data}"
        yield f"means/{model}", _measured(round(means - binary, 1), ">", 0.0, said, MIXING)
