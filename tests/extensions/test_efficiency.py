"""What the variants of the game cost, by a clock that only their steps move."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from gan_repro.config.extensions import Entry
from gan_repro.experiments.relearned import Relearned
from gan_repro.extensions import efficiency
from gan_repro.extensions.efficiency import EfficiencyOptions
from gan_repro.extensions.extension import Context
from gan_repro.training.model import Work
from gan_repro.training.plan import Plan


class Clock:
    """CPU time in place of the module `time`."""

    now = 0.0

    def process_time(self) -> float:
        return self.now


class Timed:
    """A learner whose steps last as long as is said, one turn after another.

    Args:
        clock: that a step moves.
        minibatches: of one step.
        turns: seconds of each step, by turn.
        iterations: steps of a turn.
    """

    def __init__(
        self, clock: Clock, minibatches: int, turns: Sequence[float], iterations: int
    ) -> None:
        self.clock, self.batches_per_step = clock, minibatches
        self.durations = [duration for duration in turns for _ in range(iterations)]
        self.began, self.sizes = [], set()

    def step(self, batches: tuple[torch.Tensor, ...], step: int, epoch: int) -> None:
        self.began.append(self.clock.now)
        self.sizes.add(tuple(map(len, batches)))
        self.clock.now += self.durations.pop(0)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(efficiency, "time", clock)
    return clock


def write_scores(folder: Path, rows: dict[int, str]) -> None:
    folder.mkdir(parents=True)
    lines = ["epoch,valid_ll", *(f"{epoch},{score}" for epoch, score in rows.items())]
    (folder / "metrics.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_seconds_are_per_image_of_every_minibatch_of_every_step(clock):
    learner = Timed(clock, 3, [0.6], 4)
    batches = (torch.zeros(5, 2), torch.zeros(5, 2), torch.zeros(2, 2))
    assert efficiency._seconds(learner, batches, 4) == pytest.approx(4 * 0.6 / (4 * 12))


@pytest.fixture
def variants(clock, tiny, tmp_path, monkeypatch):
    """Two variants on 40 images: one minibatch of 5 in 20 ms a step, and 4 of 5 in 60 ms.

    Each has a turn in which the machine was busy.
    """
    options = EfficiencyOptions(iterations=2, timings=3)
    learners = {
        "base": Timed(clock, 1, [0.02, 0.02, 9.0], 2),
        "k4": Timed(clock, 4, [7.0, 0.06, 0.06], 2),
    }
    model = SimpleNamespace(work=lambda pixels, batch: Work({}, 10.0 * pixels, 0, 0))
    experiment = SimpleNamespace(model=model, plan=Plan(epochs=6, batch_size=5))
    run = SimpleNamespace(experiment=experiment)
    trained = {role: Relearned(learners[role], experiment, 6, 48) for role in learners}
    monkeypatch.setattr(Context, "restored", lambda self, role, seed: run)
    monkeypatch.setattr(Context, "relearned", lambda self, role, seed: trained[role])
    for seed, last in ((3, -4.0), (8, -6.0)):
        write_scores(tmp_path / f"of_base/seed{seed}", {1: "", 2: "-9", 4: "-3", 6: str(last)})
        write_scores(tmp_path / f"of_k4/seed{seed}", {1: "-8", 2: str(last / 2)})
    entry = Entry(experiments={"base": "of_base", "k4": "of_k4"}, seeds=(3, 8))
    context = Context("efficiency", tiny, entry, tmp_path, torch.device("cpu"))
    return efficiency.measure(context, options), learners


def test_variants_of_other_minibatches_are_compared_by_time_per_image(variants):
    found, learners = variants
    assert found.measures["milliseconds per image/base"].value == pytest.approx(20 / 5)
    assert found.measures["milliseconds per image/k4"].value == pytest.approx(60 / 20)
    assert learners["base"].sizes == {(5,)}
    assert learners["k4"].sizes == {(5,) * 4}
    assert found.measures["operations per image/k4"].value == 2 * 10 * 4


def test_variants_take_turns(variants):
    _, learners = variants
    began = {role: learner.began for role, learner in learners.items()}
    order = sorted((at, role) for role in began for at in began[role])
    assert [role for _, role in order] == ["base", "base", "k4", "k4"] * 3


def test_seconds_of_training_are_those_of_every_image_in_every_epoch(variants):
    found, _ = variants
    assert found.series["epochs/base"] == (2, 4, 6)
    assert found.series["seconds/base"] == pytest.approx([0.004 * 40 * n for n in (2, 4, 6)])
    assert found.series["seconds/k4"] == pytest.approx([0.003 * 40 * n for n in (1, 2)])
    assert found.measures["seconds/base"].value == pytest.approx(0.004 * 40 * 6)


def test_scores_are_those_of_each_seed_along_training(variants):
    found, _ = variants
    assert found.series["score/base/seed3"] == (-9, -3, -4)
    assert found.series["score/k4/seed8"] == (-8, -3)
    last = found.measures["last score/base"]
    assert (last.value, last.low, last.high) == (-5, -6, -4)
