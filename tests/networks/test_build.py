"""Networks as specified: sizes, starting values, and the marginal bias."""

import math

import pytest
import torch

from gan_repro.errors import UserError
from gan_repro.experiments.experiment import load_experiment
from gan_repro.networks.build import build_discriminator, build_generator
from gan_repro.networks.dense import marginal_bias
from gan_repro.networks.specs import Discriminator, Generator


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def generator_spec(**layer) -> Generator:
    return Generator(
        noise={"distribution": "uniform", "size": 50},
        layers=[{"type": "sigmoid", "units": 8, "irange": 0.05} | layer],
    )


def test_the_authors_mnist_networks_have_their_sizes():
    _, experiment = load_experiment("mnist_authors")
    model = experiment.model
    players = (
        build_generator(model.generator, 784, torch.full((784,), 0.5), rng()),
        build_discriminator(model.discriminator, 784, rng()),
    )
    counts = [sum(p.numel() for p in player.parameters()) for player in players]
    assert counts == [2_503_984, 1_231_441]


def test_marginal_bias_is_the_log_odds_with_a_floor_for_dead_pixels():
    found = marginal_bias(torch.tensor([0.5, 0.2, 0.0, 1.0]))
    assert found[:2].tolist() == pytest.approx([0.0, math.log(0.25)], rel=1e-6)
    assert found[2:].tolist() == pytest.approx([-16.1181, 16.1181], abs=1e-4)


def test_a_generator_with_zero_weights_outputs_the_mean():
    mean = torch.linspace(0.1, 0.9, 8)
    generator = build_generator(generator_spec(bias="marginals"), 8, mean, rng())
    with torch.no_grad():
        generator[0].weight.zero_()
    torch.testing.assert_close(generator(torch.randn(3, 50)), mean.expand(3, 8))


def test_uniform_starts_fill_their_range_and_biases_are_zero():
    spec = generator_spec(units=400)
    linear = build_generator(spec, 400, None, rng())[0]
    assert linear.weight.abs().max() <= 0.05
    assert linear.weight.std().item() == pytest.approx(0.05 / math.sqrt(3), rel=0.02)
    assert not linear.bias.any()


def test_sparse_starts_have_exactly_n_standard_normal_weights_per_unit():
    spec = generator_spec(irange=None, sparse_init=7, units=500)
    weight = build_generator(spec, 500, None, rng())[0].weight
    assert (weight != 0).sum(dim=1).tolist() == [7] * 500
    assert weight[weight != 0].std().item() == pytest.approx(1, abs=0.05)


def test_max_col_norm_holds_before_the_first_step_and_after_growth():
    spec = generator_spec(irange=None, sparse_init=40, units=30, max_col_norm=1.9365)
    generator = build_generator(spec, 30, None, rng())
    norms = generator[0].weight.norm(dim=1)
    torch.testing.assert_close(norms, torch.full((30,), 1.9365), rtol=1e-5, atol=0)
    with torch.no_grad():
        generator[0].weight.mul_(3)
    generator.constrain()
    assert generator[0].weight.norm(dim=1).max() < 1.9365 * (1 + 1e-5)


def test_a_discriminator_ends_in_logits():
    spec = Discriminator(layers=[{"type": "sigmoid", "units": 1, "irange": 5.0}])
    logits = build_discriminator(spec, 20, rng())(torch.rand(100, 20))
    assert logits.shape == (100, 1)
    assert logits.abs().max() > 1


def test_a_start_draws_from_its_own_generator_alone():
    """Also that of convolutions, which PyTorch would start from everybody's."""
    before = torch.random.get_rng_state()
    spec = load_experiment("patches_conv")[1].model
    build_generator(spec.generator, 3072, None, torch.Generator().manual_seed(0))
    build_discriminator(spec.discriminator, 3072, torch.Generator().manual_seed(0))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_same_seed_gives_the_same_weights():
    first, second = (build_generator(generator_spec(), 8, None, rng(4)) for _ in range(2))
    assert torch.equal(first[0].weight, second[0].weight)


@pytest.mark.parametrize(
    ("layer", "pixels", "message"),
    [
        ({}, 9, "set units to 9"),
        ({"bias": "marginals"}, 8, "needs 8 pixel means, but none are given"),
        ({"irange": None, "sparse_init": 51}, 8, "exceeds the layer's 50 inputs"),
    ],
)
def test_impossible_networks_are_one_line(layer, pixels, message):
    with pytest.raises(UserError, match=message):
        build_generator(generator_spec(**layer), pixels, None, rng())
