"""Several seeds as one batched problem: each learns what it learns alone."""

import pytest
import torch

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.adversarial.together import TogetherLearner
from gan_repro.experiments.experiment import load_experiment

SEEDS = (0, 3, 4)
# Float32 sums in another order: what one step rounds otherwise, later steps carry on.
TOLERANCE = {torch.float64: 1e-11, torch.float32: 2e-4}


def spec_of(name: str):
    return load_experiment(name)[1].model


def images_of(name: str, dtype: torch.dtype) -> torch.Tensor:
    pixels = 3072 if name.startswith("patches") else 64
    return torch.rand(48, pixels, generator=torch.Generator().manual_seed(1)).to(dtype)


def learners_of(name: str, dtype: torch.dtype) -> list[AdversarialLearner]:
    """Learners of several seeds, their networks in some precision."""
    learners = [AdversarialLearner(spec_of(name), images_of(name, dtype), s) for s in SEEDS]
    for learner in learners:
        for player in (learner.game.generator, learner.game.discriminator):
            player.network.to(dtype)
            player.optimizer.velocities = [v.to(dtype) for v in player.optimizer.velocities]
    return learners


def batches_of(learner, images: torch.Tensor, seed: int, step: int) -> tuple[torch.Tensor, ...]:
    rng = torch.Generator().manual_seed(1000 * seed + step)
    return tuple(
        images[torch.randperm(len(images), generator=rng)[:16]]
        for _ in range(learner.batches_per_step)
    )


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("digits_authors", 100),
        ("digits_algorithm1", 50),
        ("digits_efficiency_spherical_100", 30),
        ("patches_conv", 3),
    ],
)
def test_each_seed_learns_what_it_learns_alone(name, steps, dtype):
    images = images_of(name, dtype)
    alone, among = learners_of(name, dtype), learners_of(name, dtype)
    together = TogetherLearner(among)
    for step in range(steps):
        given = [batches_of(alone[0], images, seed, step) for seed in SEEDS]
        metrics = [
            learner.step(batches, step, 1 + step // 10)
            for learner, batches in zip(alone, given, strict=True)
        ]
        joint = tuple(torch.stack(part) for part in zip(*given, strict=True))
        found = together.step(joint, step, 1 + step // 10)
    bound = TOLERANCE[dtype]
    torch.testing.assert_close(found, torch.stack(metrics), rtol=bound, atol=bound)
    for one, other in zip(alone, among, strict=True):
        for key, tensor in one.tensors().items():
            torch.testing.assert_close(other.tensors()[key], tensor, rtol=bound, atol=bound)
        # The same draws exactly: no seed has taken another's, or one more than its own.
        assert torch.equal(one.game.rng.get_state(), other.game.rng.get_state())


def test_nothing_of_one_seed_enters_another():
    name, dtype = "digits_authors", torch.float32
    images = images_of(name, dtype)
    found = []
    for scale in (1.0, 0.5):
        learners = learners_of(name, dtype)
        together = TogetherLearner(learners)
        batch = torch.stack([images[:16], scale * images[16:32], images[32:48]])
        together.step((batch,), 0, 1)
        together.step((batch,), 1, 1)
        found.append([{k: t.clone() for k, t in x.tensors().items()} for x in learners])
    for place, same in enumerate((True, False, True)):
        pairs = [(found[0][place][key], found[1][place][key]) for key in found[0][place]]
        assert all(torch.equal(a, b) for a, b in pairs) == same


def test_what_learns_together_is_what_each_learner_samples_and_saves():
    learners = learners_of("digits_authors", torch.float32)
    together = TogetherLearner(learners)
    before = [learner.sample(3, 0) for learner in learners]
    stacked = together.game.generator.parameters()
    images = images_of("digits_authors", torch.float32)
    together.step((images.view(3, 16, -1),), 0, 1)
    for place, learner in enumerate(learners):
        assert (learner.sample(3, 0) != before[place]).any()
        for whole, (name, own) in zip(stacked, learner.weights().items(), strict=True):
            assert torch.equal(whole[place], own), name
    with torch.no_grad():
        for tensor in learners[1].tensors().values():
            tensor.fill_(2.0)
    assert all((whole[1] == 2).all() and (whole[0] != 2).any() for whole in stacked)
