"""Provenance says what ran where."""

import torch

from gan_repro.training.provenance import provenance


def test_provenance_says_what_ran_where():
    found = provenance(torch.device("cpu"))
    assert found["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert found["threads"] == torch.get_num_threads()
    assert found["device"].startswith("cpu")
