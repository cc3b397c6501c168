"""Checkpoints: what differs from the run they belong to is named."""

from gan_repro.training.checkpoint import first_difference


def test_differences_are_named_by_their_place():
    old = {"model": {"layers": [{"units": 3}, {"units": 4}]}, "seed": 0}
    assert first_difference(old, old) is None
    new = {"model": {"layers": [{"units": 3}, {"units": 5}]}, "seed": 0}
    assert first_difference(old, new) == "model.layers.1.units: 4 → 5"
    assert first_difference({"a": 1}, {"a": 1, "b": 2}) == "b: not set → 2"
