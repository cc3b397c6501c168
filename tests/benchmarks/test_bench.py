"""The benchmarks measure what they say they do, and leave what they say they leave."""

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import workers
from benchmarks.__main__ import BENCHES, main
from benchmarks.growth import exponent
from benchmarks.parameters import TINY
from benchmarks.products import bare
from benchmarks.report import figure, frame, insert
from benchmarks.steps import learner_of, stepping
from benchmarks.timing import Row
from benchmarks.windows import OTHERS, SIGMA, exact, images
from gan_repro.evaluation.window import log_likelihoods
from gan_repro.experiments.cost import estimate
from gan_repro.experiments.experiment import load_experiment

CPU = torch.device("cpu")


def test_a_run_leaves_two_tables_and_a_figure(tmp_path):
    document = tmp_path / "performance.md"
    names = ("benchmarks", "growth")
    marks = [f"<!-- {n}: written by make bench -->\n\n<!-- end of {n} -->" for n in names]
    document.write_text("before\n" + "\nbetween\n".join(marks) + "\nafter\n", encoding="utf-8")
    main(["--tiny", "--out", str(tmp_path), "--document", str(document),
          "--only", "updates", "seeds", "searches", "growth"])  # fmt: skip
    table = pd.read_csv(tmp_path / "benchmarks.csv")
    assert set(table["bench"]) == {"step", "seeds", "search"}
    np.testing.assert_allclose(
        table["ratio"], table["milliseconds"] / table["against_milliseconds"], rtol=0.1
    )
    assert (tmp_path / "benchmarks.png").stat().st_size > 10_000
    assert len(pd.read_csv(tmp_path / "benchmarks_growth.csv")) == 7
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "between" in text
    assert text.count("digits_authors, 2 seeds together") == 1


@pytest.mark.parametrize("ratio", [0.8, 1.0, 1.2])
def test_a_single_bar_has_its_number_beside_it(tmp_path, ratio):
    row = Row("memory", "peak with many", "peak with few", ratio, 1.0, ratio, goal=1.05)
    # A number far outside leaves the axes no room, which Matplotlib warns of.
    figure(frame([row]), tmp_path / "one.png")
    assert (tmp_path / "one.png").exists()


def test_every_group_is_known():
    assert {
        "steps",
        "seeds",
        "windows",
        "searches",
        "sampling",
        "layouts",
        "memory",
        "workers",
    } <= {*BENCHES}


def test_workers_side_by_side_are_counted_together(monkeypatch):
    rates = {1: [4.0], 2: [3.0, 2.0]}
    monkeypatch.setattr(workers, "ProcessPoolExecutor", lambda count, context: Pool(rates[count]))
    (row,) = workers.workers(TINY)
    assert (row.milliseconds, row.against_milliseconds, row.ratio) == (200, 250, 0.8)


class Pool:
    """Stands for processes, each of which finds a rate."""

    def __init__(self, rates):
        self.rates = rates

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def map(self, function, sizes, starts):
        """Return the rates of as many workers as are asked for."""
        assert function is workers._rate
        assert len(sizes) == len(starts) == len(self.rates)
        return self.rates


def test_a_worker_counts_its_steps():
    assert workers._rate(TINY, 0.0) > 0


def test_the_products_of_a_step_are_those_that_its_cost_counts():
    experiment = load_experiment("mnist_authors")[1]
    counted = estimate(experiment, 100, 784).flop_per_image * 4
    assert bare(stepping("mnist_authors", TINY, CPU)).operations == pytest.approx(counted, rel=1e-9)
    assert learner_of(experiment, torch.rand(100, 784)).batches_per_step == 1


def test_products_run_bare_are_the_products():
    left, right, bias = torch.rand(3, 4), torch.rand(4, 5), torch.rand(5)
    found = bare(lambda: torch.addmm(bias, left, right) + left @ right)
    assert len(found.calls) == 2
    torch.testing.assert_close(found.calls[0](), left @ right)
    assert found.operations == 2 * 2 * 3 * 4 * 5


@pytest.mark.parametrize("name", OTHERS)
def test_the_implementations_that_are_compared_compute_the_same(name):
    points, samples = images(7, 16, 1), images(60, 16, 2)
    expected = exact(points, samples, SIGMA)
    np.testing.assert_allclose(OTHERS[name](points, samples, SIGMA), expected, atol=2e-3)
    ours = log_likelihoods(points, samples, np.array([SIGMA]))[0]
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_the_exponent_is_the_slope():
    assert exponent([10, 20, 40], [3.0, 12.0, 48.0]) == pytest.approx(2)


def test_a_document_without_markers_is_left_alone(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("text\n", encoding="utf-8")
    insert(path, "benchmarks", "| a |")
    assert path.read_text(encoding="utf-8") == "text\n"
