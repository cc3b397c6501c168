"""The ledger: every checkable statement of the paper's two texts, and what it is judged by.

The statements are in `statements/*.yaml`, in the order of the paper: in our words, with their place
in each text and references to what bears on them (`findings.py` says which there are).
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, ValidationError, field_validator, model_validator

from gan_repro.config.catalogue import load_yaml
from gan_repro.config.schema import Spec, explain
from gan_repro.errors import UserError

Section = Literal["Abstract", "1", "2", "3", "4", "4.1", "4.2", "5", "6", "7"]
Kind = Literal["theorem", "equation", "algorithm", "number", "caption", "figure", "remark", "table"]
Word = Literal["confirmed", "refined", "not reproduced"]
Verdict = Word | Literal["not testable here", "not checked yet", "check failed"]
# In this order they are counted and shown.
VERDICTS: tuple[Verdict, ...] = (
    "confirmed", "refined", "not reproduced", "not testable here", "not checked yet",
    "check failed",
)  # fmt: skip
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=300)]
Reference = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+/[^/;]+(/[^/;]+)?$")]


class Place(Spec):
    """Where each text makes a statement; empty where it does not."""

    nips: str = ""
    arxiv: str = ""


class Claim(Spec):
    """One statement of the paper.

    Attributes:
        section: of the paper; Table 1 and Figures 2 and 3 are of Section 5, Table 2 of Section 6.
        where: one place for both texts, or that of each.
        kind: of statement.
        statement: in our words.
        verdict: what the statement comes to where everything named under ``evidence`` holds.
        evidence: references to checks, scores and records; the first one's number is shown.
        found: what was found, in our words; needed where the verdict is not plain confirmation.
        untestable: why it is not judged, where it has no evidence or none can be had.
    """

    section: Section
    where: Place
    kind: Kind
    statement: Line
    verdict: Word = "confirmed"
    evidence: tuple[Reference, ...] = ()
    found: Line | None = None
    untestable: Line | None = None

    @field_validator("where", mode="before")
    @classmethod
    def _one_place_for_both(cls, value: Any) -> Any:
        return {"nips": value, "arxiv": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_whole(self) -> "Claim":
        if not (self.where.nips or self.where.arxiv):
            raise ValueError("where: name a place in at least one text")
        if not (self.evidence or self.untestable):
            raise ValueError("name the evidence, or say why the statement is untestable")
        if self.verdict != "confirmed" and not self.found:
            raise ValueError(f"{self.verdict}: say under 'found' in what way")
        if len(set(self.evidence)) < len(self.evidence):
            raise ValueError("evidence: the same reference twice")
        return self


@cache
def ledger() -> dict[str, Claim]:
    """Return every statement by id, in the order of the paper.

    Raises:
        UserError: a file of the package is damaged; the message names the entry.
    """
    found: dict[str, Claim] = {}
    folder = files("gan_repro.artifacts.claims").joinpath("statements")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        for name, entry in load_yaml(path).items():
            if name in found:
                raise UserError(f"{path}: '{name}' is there twice")
            found[name] = read_claim(name, entry, str(path))
    return found


@cache
def beyond() -> dict[str, str]:
    """Return the checks that serve no statement of the paper, by reference, with the reason."""
    return load_yaml(files("gan_repro.artifacts.claims").joinpath("beyond.yaml"))


def read_claim(name: str, entry: Any, source: str) -> Claim:
    """Return one entry; raises UserError with the file and the key where it is malformed."""
    try:
        return Claim(**entry)
    except (ValidationError, TypeError) as error:
        raise explain(error, Claim, source, name) from error
