"""One iteration of the game against gradients computed by other means."""

import copy
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from gan_repro.adversarial.game import Game, Recipe, draw_noise
from gan_repro.adversarial.objective import generator_loss
from gan_repro.networks.build import build_discriminator, build_generator
from gan_repro.networks.specs import Discriminator, Generator, Noise

AUTHORS = Recipe(update="simultaneous", generator_loss="non_saturating", discriminator_scale=0.5)


def game(recipe: Recipe, keep: float = 1.0, seed: int = 0) -> Game:
    """A small game in float64."""
    rng = torch.Generator().manual_seed(seed)
    generator = Generator(
        noise={"distribution": "uniform", "size": 3},
        layers=[
            {"type": "relu", "units": 5, "irange": 0.5},
            {"type": "sigmoid", "units": 4, "irange": 0.5},
        ],
    )
    discriminator = Discriminator(
        layers=[
            {"type": "maxout", "units": 4, "pieces": 2, "irange": 0.5, "keep": keep},
            {"type": "sigmoid", "units": 1, "irange": 0.5, "keep": keep},
        ]
    )
    return Game(
        build_generator(generator, 4, None, rng).double(),
        build_discriminator(discriminator, 4, rng).double(),
        generator.noise,
        recipe,
        torch.Generator().manual_seed(seed + 1),
    )


@pytest.fixture
def batch() -> torch.Tensor:
    return torch.rand(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(9))


def state(play: Game) -> list[torch.Tensor]:
    players = (play.generator, play.discriminator)
    return [p.detach().clone() for player in players for p in player.parameters()]


def expected_simultaneous(play: Game, batch: torch.Tensor, rate: float) -> list[torch.Tensor]:
    """One step by plain autograd: G is graded by the D that has not moved yet."""
    generator, discriminator = (
        copy.deepcopy(player.network) for player in (play.generator, play.discriminator)
    )
    rng = torch.Generator()
    rng.set_state(play.rng.get_state())
    discriminator.use_rng(rng)
    samples = generator(draw_noise(play.noise, len(batch), rng, torch.float64))
    real, fake = discriminator(batch), discriminator(samples)
    ones, zeros = torch.ones_like(real), torch.zeros_like(real)
    loss_d = 0.5 * (cross_entropy(real, ones) + cross_entropy(fake, zeros))
    moved_g = torch.autograd.grad(
        cross_entropy(fake, ones), list(generator.parameters()), retain_graph=True
    )
    moved_d = torch.autograd.grad(loss_d, list(discriminator.parameters()))
    parameters = [*generator.parameters(), *discriminator.parameters()]
    moves = [*moved_g, *moved_d]
    return [p.detach() - rate * g for p, g in zip(parameters, moves, strict=True)]


@pytest.mark.parametrize("keep", [1.0, 0.5])
def test_the_authors_update_is_simultaneous_with_shared_masks(batch, keep):
    play = game(AUTHORS, keep)
    expected = expected_simultaneous(play, batch, 0.3)
    play.play([batch], 0.3, 0.0)
    for found, wanted in zip(state(play), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-14)


def test_metrics_are_measured_before_the_update(batch):
    play = game(AUTHORS)
    before = copy.deepcopy(play)
    metrics = play.play([batch], 0.3, 0.0)
    samples = before.generator(draw_noise(before.noise, 6, before.rng, torch.float64))
    real, fake = before.discriminator(batch), before.discriminator(samples)
    expected = [
        -0.5 * (real.sigmoid().log().mean() + (1 - fake.sigmoid()).log().mean()).item(),
        -fake.sigmoid().log().mean().item(),
        real.sigmoid().mean().item(),
        fake.sigmoid().mean().item(),
    ]
    assert metrics.tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ["minimax", "non_saturating"])
def test_algorithm_1_moves_d_k_times_then_g_with_fresh_noise(batch, kind):
    recipe = Recipe(update="alternating", discriminator_steps=3, generator_loss=kind)
    play, other = game(recipe), game(recipe)
    batches = [batch, batch.flip(0), batch * 0.5]
    play.play(batches, 0.2, 0.0)
    for minibatch in batches:
        z = draw_noise(other.noise, 6, other.rng, torch.float64)
        real = other.discriminator(minibatch)
        fake = other.discriminator(other.generator(z).detach())
        loss = -(real.sigmoid().log() + (1 - fake.sigmoid()).log()).mean()
        descend(other.discriminator, loss, 0.2)
    z = draw_noise(other.noise, 6, other.rng, torch.float64)
    fake = other.discriminator(other.generator(z)).sigmoid()
    loss = (1 - fake).log().mean() if kind == "minimax" else -fake.log().mean()
    descend(other.generator, loss, 0.2)
    for found, wanted in zip(state(play), state(other), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)


@torch.no_grad()
def descend(network, loss, rate):
    with torch.enable_grad():
        gradients = torch.autograd.grad(loss, list(network.parameters()))
    for parameter, gradient in zip(network.parameters(), gradients, strict=True):
        parameter.sub_(rate * gradient)


def test_gradients_through_both_networks_match_finite_differences():
    play = game(AUTHORS)
    z = draw_noise(play.noise, 3, play.rng, torch.float64)
    parameters = play.generator.parameters()

    def loss(*values):
        network = play.generator.network
        names = [name for name, _ in network.named_parameters()]
        fake = torch.func.functional_call(network, dict(zip(names, values, strict=True)), (z,))
        return generator_loss(play.discriminator(fake), "non_saturating")

    assert torch.autograd.gradcheck(loss, parameters)


@pytest.mark.parametrize(
    ("distribution", "edge"), [("uniform", math.sqrt(3)), ("gaussian", math.inf)]
)
def test_noise_has_mean_zero_and_variance_one(distribution, edge):
    noise = Noise(distribution=distribution, size=200)
    z = draw_noise(noise, 1_000, torch.Generator().manual_seed(0))
    assert z.shape == (1_000, 200)
    assert abs(z.mean().item()) < 5 / math.sqrt(z.numel())
    assert z.var().item() == pytest.approx(1, abs=0.02)
    assert z.abs().max() <= edge
    assert z.abs().max() > 1.7


def test_a_step_imports_no_sympy():
    """PyTorch imports it for some ways to build a layer or take a gradient: half a second each."""
    code = """
import sys, torch
from test_game import AUTHORS, game
game(AUTHORS).play([torch.rand(6, 4).double()], 0.1, 0.5)
assert 'torch' in sys.modules and 'sympy' not in sys.modules
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
