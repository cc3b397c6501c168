"""What becomes of G when D stands still: which updates are made, and when samples are looked at."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from gan_repro.experiments.relearned import Relearned
from gan_repro.extensions.synchronised import SynchronisedOptions, _go_on
from gan_repro.networks.build import build_discriminator
from gan_repro.networks.specs import Discriminator

DROPPING = Discriminator(
    layers=[
        {"type": "maxout", "units": 8, "pieces": 2, "irange": 0.5, "keep": 0.5},
        {"type": "sigmoid", "units": 1, "irange": 0.5, "keep": 0.5},
    ]
)


class Recorder:
    """A learner that learns nothing and notes what it is asked for."""

    batches_per_step = 2

    def __init__(self) -> None:
        self.steps, self.alone = [], []
        network = build_discriminator(DROPPING, 3, torch.Generator().manual_seed(0))
        network.use_rng(torch.Generator().manual_seed(1))
        player = SimpleNamespace(network=network)
        self.game = SimpleNamespace(discriminator=player, step_generator=self._step_generator)

    def _step_generator(self, count, rate, momentum):
        self.alone.append((count, rate, momentum))

    def schedule(self, step, epoch):
        return 1 / step, float(epoch)

    def step(self, batches, step, epoch):
        self.steps.append((batches, step, epoch))

    def sample(self, count, seed):
        return np.random.default_rng(seed).random((count, 3), dtype=np.float32)


@pytest.fixture
def context():
    return SimpleNamespace(
        stream=lambda purpose: 5,
        rng=lambda purpose: torch.Generator().manual_seed(6),
        train=torch.arange(30.0).reshape(10, 3),
        device=torch.device("cpu"),
    )


def go_on(context, alone, **options):
    learner = Recorder()
    experiment = SimpleNamespace(plan=SimpleNamespace(batch_size=4))
    trained = Relearned(learner, experiment, epochs=7, steps=100)
    chosen = SynchronisedOptions(**{"samples": 20} | options)
    return learner, _go_on(context, trained, chosen, alone)


def test_g_alone_goes_on_at_the_rates_that_its_training_ended_with(context):
    learner, _ = go_on(context, True, updates=3, looks=1)
    assert learner.alone == [(4, 1 / step, 8.0) for step in (100, 101, 102)]
    assert not learner.steps


def test_both_go_on_by_the_recipe_on_minibatches_of_their_own(context):
    learner, _ = go_on(context, False, updates=3, looks=1)
    assert [(step, epoch) for _, step, epoch in learner.steps] == [(100, 8), (101, 8), (102, 8)]
    assert not learner.alone
    for batches, *_ in learner.steps:
        assert [tuple(batch.shape) for batch in batches] == [(4, 3), (4, 3)]
        assert not torch.equal(*batches)


@pytest.mark.parametrize(
    ("updates", "looks", "places"),
    [(10, 5, [2, 4, 6, 8, 10]), (7, 5, [1, 3, 4, 6, 7]), (9, 1, [9])],
)
def test_there_are_as_many_looks_as_asked_for_the_last_at_the_end(context, updates, looks, places):
    assert SynchronisedOptions(updates=updates, looks=looks).places() == places
    assert len(go_on(context, True, updates=updates, looks=looks)[1]) == 1 + looks


def test_more_looks_than_updates_are_refused():
    with pytest.raises(ValidationError, match="4 looks at 3 updates"):
        SynchronisedOptions(updates=3, looks=4)


def test_d_is_asked_with_nothing_dropped_and_goes_on_dropping(context):
    learner, seen = go_on(context, True, updates=4, looks=2)
    assert len({accepted for _, accepted in seen}) == 1
    network = learner.game.discriminator.network
    assert network.training
    images = torch.from_numpy(seen[0].draws)
    with torch.no_grad():
        assert not torch.equal(network(images), network(images))
        exact = network.eval()(images).sigmoid().mean().item()
    assert seen[0].accepted == pytest.approx(exact, rel=1e-6)
