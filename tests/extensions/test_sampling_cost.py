"""What an independent draw costs: only transitions that give draws are timed."""

from types import SimpleNamespace

import pytest
import torch

from gan_repro.extensions import sampling_cost
from gan_repro.extensions.sampling_cost import SamplingCostOptions, measure


def test_a_draw_costs_its_part_of_the_time_and_an_independent_one_a_multiple(monkeypatch):
    records = [
        SimpleNamespace(row="DBN", integrated_time=600.0),
        SimpleNamespace(row="Adversarial nets", integrated_time=1.0),
    ]
    asked, clock = [], iter(range(10_000))

    def draw(run, chains, steps, device):
        asked.append((run, chains, steps))

    monkeypatch.setattr(sampling_cost, "draw_chains", draw)
    monkeypatch.setattr(sampling_cost, "_at_once", lambda context, record: record.row)
    monkeypatch.setattr(sampling_cost.time, "process_time", lambda: next(clock))
    context = SimpleNamespace(mixing=lambda: records, device=torch.device("cpu"))
    found = measure(context, SamplingCostOptions(chains=10, steps=5, timings=3)).measures
    assert asked == [("DBN", 10, 5), ("Adversarial nets", 10, 5)] * 4
    # Each drawing takes one second of this clock.
    assert found["ms per draw/DBN"].value == pytest.approx(1_000 / 50)
    assert found["draws per independent sample/DBN"].value == 600
    assert found["ms per independent sample/DBN"].value == pytest.approx(600 * 1_000 / 50)
    assert found["ms per independent sample/Adversarial nets"].value == pytest.approx(1_000 / 50)
