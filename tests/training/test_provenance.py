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


def test_a_cpu_is_named_with_its_model_as_far_as_it_is_known(monkeypatch, tmp_path):
    listed = (
        "processor\t: 0\nmodel\t\t: 143\nmodel name\t: Some CPU\n\nprocessor\t: 1\nmodel\t: 9\n"
    )
    (tmp_path / "cpuinfo").write_text(listed)
    monkeypatch.setattr(provenance_module, "CPUINFO", tmp_path / "cpuinfo")
    capability = torch.backends.cpu.get_cpu_capability()
    cpu = torch.device("cpu")
    assert provenance(cpu)["device"] == f"cpu: Some CPU, model 143, {capability}"
    monkeypatch.setattr(provenance_module, "CPUINFO", tmp_path / "none")
    assert provenance(cpu)["device"].endswith(f", {capability}")
