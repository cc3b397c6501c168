"""Kinds of models found by their names."""

from importlib import import_module

from gan_repro.errors import UserError, suggest
from gan_repro.experiments.kinds import KINDS
from gan_repro.training.model import System


def system(kind: str) -> System:
    """Return a kind of model by its name; an unknown one is answered with the nearest known."""
    if kind not in KINDS:
        raise UserError(f"unknown kind of model '{kind}'{suggest(str(kind), KINDS)}")
    return import_module(KINDS[kind]).SYSTEM
