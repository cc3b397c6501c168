import pytest
import torch

from gan_repro.adversarial.game import Recipe
from gan_repro.networks.build import build_discriminator
from gan_repro.networks.specs import Noise
from gan_repro.theory.games.ensembles import Ensemble
from gan_repro.theory.games.small import (
    SmallGame,
    perceptron_discriminator,
    perceptron_generator,
    random_generator,
    spread,
)

RECIPE = Recipe(update="alternating", discriminator_steps=2, generator_loss="minimax")
NOISE = Noise(distribution="uniform", size=1)


def gaussian(count, rng):
    return torch.randn(count, 1, generator=rng, dtype=torch.float64)


def small_game(replicas, seed=0):
    return SmallGame(
        gaussian,
        1,
        perceptron_generator(NOISE, "sigmoid", 4, 1, 1.0),
        perceptron_discriminator("maxout", 4, 1.0, pieces=3),
        RECIPE,
        seed=seed,
        batch=16,
        replicas=replicas,
    )


def networks(count):
    rng = torch.Generator().manual_seed(0)
    specification = perceptron_discriminator("maxout", 4, 1.0, depth=2, pieces=3)
    return [build_discriminator(specification, 2, rng) for _ in range(count)]


def test_ensemble_is_its_members_side_by_side():
    members = networks(3)
    x = torch.randn(7, 6, generator=torch.Generator().manual_seed(1))
    alone = [member(x[:, 2 * i : 2 * i + 2]) for i, member in enumerate(members)]
    torch.testing.assert_close(Ensemble(members)(x), torch.cat(alone, dim=1))


def test_each_member_gets_its_share_of_the_gradient():
    members = networks(3)
    x = torch.randn(7, 6, generator=torch.Generator().manual_seed(1))
    ensemble = Ensemble(members)
    ensemble(x).mean().backward()
    for i, member in enumerate(members):
        member(x[:, 2 * i : 2 * i + 2]).mean().backward()
        torch.testing.assert_close(ensemble.weights[0].grad[i].T * 3, member[0].weight.grad)


def test_ensemble_refuses_members_of_different_shapes():
    other = build_discriminator(perceptron_discriminator("relu", 5, 1.0), 2, torch.Generator())
    with pytest.raises(ValueError, match="one shape"):
        Ensemble([*networks(1), other])


@pytest.mark.parametrize("replicas", [1, 3])
def test_same_seed_same_bytes(replicas):
    def weights(seed):
        played = small_game(replicas, seed)
        for _ in range(3):
            played.play(0.1, 0.5)
        return torch.cat([part.flatten() for part in played.game.generator.parameters()])

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


def test_looking_does_not_change_the_game():
    looked, alone = small_game(2), small_game(2)
    assert looked.samples(5, torch.Generator()).shape == (2, 5, 1)
    assert looked.discriminate(torch.zeros(6, 1, dtype=torch.float64)).shape == (6, 2)
    for played in (looked, alone):
        played.play(0.1)
    for left, right in zip(
        looked.game.generator.parameters(), alone.game.generator.parameters(), strict=True
    ):
        assert torch.equal(left, right)


def test_a_player_alone_leaves_the_other_as_it_is():
    played = small_game(1)
    before = [part.clone() for part in played.game.discriminator.parameters()]
    played.train_generator(3, 0.1)
    assert all(map(torch.equal, before, played.game.discriminator.parameters()))
    before = [part.clone() for part in played.game.generator.parameters()]
    played.train_discriminator(3, 0.1)
    assert all(map(torch.equal, before, played.game.generator.parameters()))


def test_spread_centres_each_unit_inside_the_radius():
    network = networks(1)[0]
    one = build_discriminator(
        perceptron_discriminator("relu", 50, 1.0), 1, torch.Generator().manual_seed(0)
    )
    spread(one, torch.Generator().manual_seed(0), radius=1.5)
    bends = -one[0].bias / one[0].weight[:, 0]
    assert bends.abs().max() <= 1.5 + 1e-4
    assert bends.std() > 0.5
    assert spread(network, torch.Generator()) is network


@pytest.mark.parametrize("monotone", [False, True])
def test_a_random_generator_turns_round_unless_it_is_told_not_to(monotone):
    z = torch.linspace(-(3**0.5), 3**0.5, 2001, dtype=torch.float64)[:, None]
    slopes = [torch.diff(random_generator(seed, monotone=monotone)(z)[:, 0]) for seed in range(8)]
    increasing = [bool((slope > 0).all()) for slope in slopes]
    assert all(increasing) if monotone else not all(increasing)
    assert torch.equal(random_generator(3)(z), random_generator(3)(z))
