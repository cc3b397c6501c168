"""`python -m gan_repro` is `gan-repro`."""

from gan_repro.cli import main

main()
