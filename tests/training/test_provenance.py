"""Provenance says what ran where."""

import torch

from gan_repro.training import provenance as provenance_module
from gan_repro.training.provenance import provenance


def test_provenance_says_what_ran_where():
    found = provenance(torch.device("cpu"))
    assert found["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert found["threads"] == torch.get_num_threads()
    assert found["device"].startswith("cpu")


def test_what_is_not_installed_is_left_out(monkeypatch):
    """A checkout trains without the workflow's packages."""
    monkeypatch.setattr(provenance_module, "RECORDED", ("torch", "no-such-package"))
    assert set(provenance(torch.device("cpu"))["versions"]) == {"python", "torch"}
