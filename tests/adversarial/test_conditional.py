"""The conditional net: what each player sees, its gradients, and its loop."""

import numpy as np
import pytest
import torch
from harness import IMAGES, Killed, finish, make_training
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from gan_repro.adversarial.conditional import (
    ConditionalDecoder,
    ConditionalLearner,
    ConditionalSpec,
)
from gan_repro.adversarial.conditions import Label, Mask, one_hot, told
from gan_repro.experiments.systems import system
from gan_repro.training.plan import Plan
from gan_repro.training.tensors import load_tensors

LABELS = torch.arange(len(IMAGES)) % 3
ROWS = torch.cat([IMAGES, one_hot(LABELS, 3)], dim=1)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def spec(**condition) -> ConditionalSpec:
    hidden = {"type": "relu", "units": 9, "irange": 0.3}
    return ConditionalSpec(
        kind="conditional",
        condition=condition,
        generator={
            "noise": {"distribution": "uniform", "size": 4},
            "layers": [hidden, {"type": "sigmoid", "units": 64, "irange": 0.3}],
        },
        discriminator={
            "layers": [
                {"type": "maxout", "units": 6, "pieces": 2, "irange": 0.3},
                {"type": "sigmoid", "units": 1, "irange": 0.3},
            ]
        },
        recipe={"update": "alternating", "generator_loss": "non_saturating"},
        learning_rate={"initial": 0.1},
        momentum={"initial": 0.5, "final": 0.5},
    )


LABEL, MASK = {"given": "label", "classes": 3}, {"given": "mask", "rows": 8, "columns": 8}


def learner(condition: dict) -> ConditionalLearner:
    return ConditionalLearner(spec(**condition), ROWS if condition is LABEL else IMAGES, 0)


def test_the_class_stands_behind_the_image_for_both_players():
    game = learner(LABEL).game
    torch.testing.assert_close(game.pairs(ROWS[:5]), ROWS[:5])
    fake = game.generator(game._noise(40))
    assert fake.shape == (40, 64 + 3)
    classes = fake[:, 64:]
    assert (classes.sum(dim=1) == 1).all()
    assert set(classes.argmax(dim=1).tolist()) == {0, 1, 2}


def test_conditions_are_drawn_from_all_rows_and_anew():
    made = learner(LABEL)
    made.game.rows = torch.cat([ROWS[k == LABELS] for k in range(3)])
    first, second = (made.game._noise(20)[:, 4:].argmax(dim=1) for _ in range(2))
    assert set(first.tolist()) == {0, 1, 2}
    assert not torch.equal(first, second)


def test_discriminators_gradient_is_that_of_cross_entropy_on_pairs():
    """Against autograd on the pairs written out, the weights of c included."""
    made = learner(LABEL)
    game, weights = made.game, made.game.discriminator.network
    before = [p.detach().clone() for p in weights.parameters()]
    z_and_c = game._noise(20)
    fake = game.generator(z_and_c).detach()
    loss = cross_entropy(weights(ROWS[:20]), torch.ones(20, 1)) + cross_entropy(
        weights(fake), torch.zeros(20, 1)
    )
    expected = torch.autograd.grad(loss, list(weights.parameters()))
    game._noise = lambda count: z_and_c
    game.step_discriminator(ROWS[:20], 0.1, 0.0)
    for old, new, gradient in zip(before, weights.parameters(), expected, strict=True):
        torch.testing.assert_close(new.detach(), old - 0.1 * gradient)
    of_class = next(p for p in expected if p.shape[0] == 67 or p.shape[-1] == 67)
    assert of_class.abs().sum() > 0


@pytest.mark.parametrize("condition", [LABEL, MASK], ids=["label", "mask"])
def test_generators_gradient_is_a_difference_quotient(condition):
    """Of −log D(G(z, c), c), with respect to one weight that reads c."""
    made = learner(condition)
    game = made.game
    generator, network = game.generator.network.double(), game.discriminator.network.double()
    z_and_c = game._noise(30).double()
    first = next(generator.parameters())

    def loss() -> torch.Tensor:
        return cross_entropy(network(generator(z_and_c)), torch.ones(30, 1).double())

    (gradient,) = torch.autograd.grad(loss(), [first])
    place = np.unravel_index(int(gradient.abs().argmax()), gradient.shape)
    inputs = 4 + made.spec.condition.width(64)
    assert inputs in first.shape
    with torch.no_grad():
        ends = []
        for shift in (1e-6, -2e-6):
            first[place] += shift
            ends.append(loss())
    assert float((ends[0] - ends[1]) / 2e-6) == pytest.approx(float(gradient[place]), rel=1e-4)


def test_what_is_seen_stays_and_has_no_gradient():
    masks = Mask(**MASK).masks(50, rng(1))
    c = told(IMAGES[:50], masks)
    decode = ConditionalDecoder(spec(**MASK), learner(MASK).weights(), torch.device("cpu"))
    draws = decode(c, rng(2))
    torch.testing.assert_close(draws * masks, IMAGES[:50] * masks, atol=1e-6, rtol=0)
    unseen = masks.sum(dim=1) < 60
    assert ((draws - IMAGES[:50]) * (1 - masks)).abs().sum(dim=1)[unseen].min() > 0
    assert not torch.equal(draws, decode(c, rng(3)))


def test_masks_are_of_the_three_kinds_in_thirds():
    masks = Mask(given="mask", rows=6, columns=5).masks(3_000, rng()).view(-1, 6, 5)
    empty = (masks.sum(dim=(1, 2)) == 0).double().mean()
    # A third of nothing, and the cuts and shares that leave nothing by chance.
    assert 0.33 < empty < 0.5
    straight = [
        (m == m[:1]).all() or (m == m[:, :1]).all() for m in masks if 0 < m.sum() < m.numel()
    ]
    assert 0.35 < np.mean(straight) < 0.6
    assert set(masks.unique().tolist()) == {0.0, 1.0}


def test_the_prior_of_classes_is_that_of_the_data():
    rows = torch.cat([torch.zeros(100, 64), one_hot(torch.arange(100) % 4 // 3, 2)], dim=1)
    label = Label(given="label", classes=2)
    found = label.prior(label.frequencies(rows, 64), 4_000, 64, rng())
    assert found.mean(dim=0).tolist() == pytest.approx([0.75, 0.25], abs=0.03)
    nothing = Mask(**MASK).prior({}, 7, 64, rng())
    assert nothing.shape == (7, 128)
    assert nothing.abs().sum() == 0


PLAN = Plan(epochs=2, batch_size=16, select="last", validate_every=1, validate_samples=20)


@pytest.mark.parametrize("steps", [[1], [3, 8]])
def test_a_killed_run_ends_with_the_bytes_of_an_unbroken_one(tmp_path, steps):
    expected = finish(make_training(tmp_path / "unbroken", spec(**MASK), PLAN))
    for step in steps:
        with pytest.raises(Killed):
            make_training(tmp_path / "broken", spec(**MASK), PLAN, stop_at=step).run()
    assert finish(make_training(tmp_path / "broken", spec(**MASK), PLAN)) == expected


def test_saved_weights_draw_what_the_learner_draws(tmp_path):
    run = make_training(tmp_path, spec(**MASK), PLAN)
    finish(run)
    weights, _ = load_tensors(run.folder.weights)
    found = system("conditional").sample(spec(**MASK), weights, 30, 9, torch.device("cpu"))
    assert found.shape == (30, 64)
    np.testing.assert_array_equal(found, run.learner.sample(30, 9))


def test_a_class_is_learned():
    """Images of one class are black and of the other white: G must listen to c."""
    labels = torch.arange(200) % 2
    images = (labels[:, None] * 0.8 + 0.1).expand(-1, 64) + 0.02 * torch.randn(
        200, 64, generator=rng()
    )
    rows = torch.cat([images, one_hot(labels, 2)], dim=1)
    made = ConditionalLearner(spec(given="label", classes=2), rows, 0)
    for step in range(400):
        chosen = torch.randint(200, (50,), generator=rng(step))
        made.step((rows[chosen],), step, 1)
    decode = ConditionalDecoder(made.spec, made.weights(), torch.device("cpu"))
    dark, bright = (decode(one_hot(torch.full((40,), k), 2), rng()).mean().item() for k in (0, 1))
    assert bright > dark + 0.3
