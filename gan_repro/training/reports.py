"""What a training says while it runs: a bar on a terminal, periodic lines in a log."""

import sys
import time
from collections.abc import Mapping
from typing import Protocol

from tqdm import tqdm

QUIET_SECONDS = 10.0


class Report(Protocol):
    """What the loop tells."""

    def line(self, text: str) -> None:
        """Say one thing."""

    def advance(self, epoch: int, share: float) -> None:
        """Take note that a share of an epoch is done."""

    def epoch(self, row: Mapping[str, float], epochs: int) -> None:
        """Take note of a finished epoch and of its row of metrics."""


class Lines:
    """One line per epoch, but every ten seconds at most, and after each validation."""

    def __init__(self, seconds: float = QUIET_SECONDS) -> None:
        self.seconds, self.last = seconds, time.monotonic()

    def line(self, text: str) -> None:
        """Print a line at once, so that a log can be followed."""
        print(text, flush=True)

    def advance(self, epoch: int, share: float) -> None:
        """Say nothing within an epoch."""

    def epoch(self, row: Mapping[str, float], epochs: int) -> None:
        """Print the epoch's metrics, unless a line has just been printed."""
        now, done = time.monotonic(), row["epoch"] == epochs
        if not done and "valid_ll" not in row and now - self.last < self.seconds:
            return
        self.last = now
        values = "  ".join(f"{key} {value:.4g}" for key, value in row.items() if key != "epoch")
        self.line(f"epoch {row['epoch']}/{epochs}  {values}")


class Bar:
    """A bar with epochs, time left, losses and the last validation score."""

    def __init__(self, epochs: int) -> None:
        self.bar = tqdm(
            total=epochs, unit="epoch", dynamic_ncols=True, smoothing=0.1, file=sys.stderr,
            bar_format="{percentage:3.0f}% {bar} {n:.1f}/{total} epochs, {remaining} left{postfix}",
        )  # fmt: skip
        self.score: dict[str, float] = {}

    def line(self, text: str) -> None:
        """Print a line above the bar."""
        self.bar.write(text)

    def advance(self, epoch: int, share: float) -> None:
        """Move the bar within an epoch."""
        self.bar.update(epoch - 1 + share - self.bar.n)

    def epoch(self, row: Mapping[str, float], epochs: int) -> None:
        """Move the bar to the end of an epoch, and show its losses and the last score."""
        self.score = {"nats": row["valid_ll"]} if "valid_ll" in row else self.score
        shown = {
            key: value
            for key, value in row.items()
            if key not in ("epoch", "examples_per_second", "valid_ll", "sigma")
        }
        self.bar.set_postfix({k: f"{v:.3g}" for k, v in {**shown, **self.score}.items()}, False)
        self.advance(row["epoch"], 1.0)
        if row["epoch"] == epochs:
            self.bar.close()


def choose_report(epochs: int) -> Report:
    """Return a bar where somebody watches, lines where a log is written."""
    return Bar(epochs) if sys.stderr.isatty() else Lines()
