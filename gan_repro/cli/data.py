"""fetch and prepare: from mirrors to arrays."""

from pathlib import Path

from gan_repro.cli.app import Data, app, say


@app.command(epilog="Example: gan-repro fetch mnist")
def fetch(dataset: str, data: Data = Path("data")) -> None:
    """Download a dataset's raw files into DATA/raw and verify their SHA-256."""
    from gan_repro.data.fetch import fetch as run

    paths = run(dataset, data / "raw", report=say)
    say(f"{dataset}: {len(paths)} raw files in {data / 'raw' / dataset}")


@app.command(epilog="Example: gan-repro prepare mnist")
def prepare(dataset: str, data: Data = Path("data")) -> None:
    """Turn raw files into DATA/prepared/DATASET.npz: arrays and the paper's split."""
    from gan_repro.data.prepare import prepare as run

    say(f"{dataset}: prepared {run(dataset, data / 'raw', data / 'prepared')}")
