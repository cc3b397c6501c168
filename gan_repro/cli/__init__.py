"""The command line: one verb per stage of the pipeline. Thin: parse, call, print."""

import sys

# isort: off
# Each adds its verbs, and --help lists them in this order: that of the pipeline.
from gan_repro.cli import data, experiments, models, scores, tables, figures  # noqa: F401
# isort: on

from gan_repro.cli.app import app
from gan_repro.errors import UserError


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit status 2."""
    try:
        app()
    except UserError as error:
        print(f"gan-repro: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("gan-repro: interrupted; run the same command to go on", file=sys.stderr)
        sys.exit(130)
