"""How findings are told: one line each, and a damaged file does not hide what comes after it."""

import io
from collections.abc import Iterable, Iterator

import pandas as pd

from gan_repro.errors import UserError, one_line


def told(findings: Iterable[str], where: str = "") -> Iterator[str]:
    """Yield findings; where they end early at a file that cannot be read, that is the last one.

    Args:
        findings: an iterator that may raise UserError or OSError.
        where: is put before each finding; errors name their file themselves.
    """
    try:
        for finding in findings:
            yield one_line(f"{where}{finding}")
    except (UserError, OSError) as error:
        yield one_line(str(error))


def differ(name: str, found: pd.DataFrame, expected: pd.DataFrame) -> Iterator[str]:
    """Yield where a table of texts differs from the one that it should be."""
    again = pd.read_csv(io.StringIO(expected.to_csv(index=False)), dtype=str, keep_default_na=False)
    if list(found.columns) != list(again.columns):
        yield f"{name}: its columns are {', '.join(found)}, but should be {', '.join(again)}"
        return
    if len(found) != len(again):
        yield f"{name}: {len(found)} rows, but its scores give {len(again)}"
        return
    for row, column in zip(*(found != again).to_numpy().nonzero(), strict=True):
        where, what = found.iat[row, 0], found.columns[column]
        yield f"{name}: {where}, {what}: {found.iat[row, column]}, but its scores give " + str(
            again.iat[row, column]
        )
