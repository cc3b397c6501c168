"""Convolutions against direct loops in float64, the paper's sizes, and what a step keeps true."""

import math

import pytest
import torch

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import load_experiment
from gan_repro.networks.build import build_discriminator, build_generator
from gan_repro.networks.deconv import Deconv
from gan_repro.networks.layer import Start
from gan_repro.networks.maxout_conv import MaxoutConv, pooled
from gan_repro.networks.modules import BoundedLinear, Dropout, UntiedBias
from gan_repro.networks.reshape import Reshape
from gan_repro.networks.specs import Discriminator, Generator, shapes, stack_work

COUNTS = {
    "mnist_authors": (2_503_984, 1_231_441),
    "tfd_stage1": (83_250_304, 21_037_201),
    "tfd_stage2": (84_858_404, 21_037_201),
    "cifar10_full": (89_395_072, 37_393_601),
    "cifar10_conv": (64_825_072, 12_454_073),
}


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def conv(**changes) -> MaxoutConv:
    given = {"type": "maxout_conv", "channels": 2, "pieces": 2, "kernel": 3, "padding": 1}
    return MaxoutConv(**(given | {"pool": 3, "pool_stride": 2, "irange": 0.5} | changes))


IMAGE = {"type": "reshape", "channels": 3, "rows": 6, "columns": 6, "order": "channel_row_column"}
PROBABILITY = {"type": "sigmoid", "units": 1, "irange": 0.5}


@pytest.mark.parametrize("name", COUNTS)
def test_parameters_are_as_many_as_the_authors(name):
    spec = load_experiment(name)[1].model
    layers = (*spec.generator.front, *spec.generator.layers)
    pixels = math.prod(shapes(layers, spec.generator.noise.size)[-1])
    counts = [
        sum(cost.parameters for cost in stack_work(*stack))
        for stack in ((layers, spec.generator.noise.size), (spec.discriminator.layers, pixels))
    ]
    assert tuple(counts) == COUNTS[name]


def test_the_networks_built_are_as_large_as_counted():
    spec = load_experiment("cifar10_conv")[1].model
    discriminator = build_discriminator(spec.discriminator, 3072, rng())
    assert sum(p.numel() for p in discriminator.parameters()) == COUNTS["cifar10_conv"][1]
    small = load_experiment("patches_conv")[1].model
    generator = build_generator(small.generator, 3072, None, rng())
    costs = stack_work(small.generator.layers, 100)
    assert sum(p.numel() for p in generator.parameters()) == sum(c.parameters for c in costs)
    assert generator(torch.randn(2, 100)).shape == (2, 3072)


def test_the_discriminators_maps_pool_to_16_7_and_5():
    spec = load_experiment("cifar10_conv")[1].model.discriminator
    assert shapes(spec.layers, 3072) == [
        (3072,), (3, 32, 32), (32, 16, 16), (32, 7, 7), (192, 5, 5), (500,), (1,),
    ]  # fmt: skip
    network = build_discriminator(spec, 3072, rng())
    maps = []
    for module in network:
        if isinstance(module, torch.nn.MaxPool2d):
            module.register_forward_hook(lambda _, __, output: maps.append(tuple(output.shape)))
    network(torch.randn(2, 3072))
    assert maps == [(2, 32, 16, 16), (2, 32, 7, 7), (2, 192, 5, 5)]


def test_the_generator_deconvolves_10_to_32():
    spec = load_experiment("cifar10_conv")[1].model.generator
    assert shapes(spec.layers, 100)[-2:] == [(80, 10, 10), (3, 32, 32)]


@pytest.mark.parametrize("size", range(4, 40))
@pytest.mark.parametrize(("window", "stride"), [(4, 2), (2, 2), (3, 1), (3, 3)])
def test_pooled_sizes_are_those_of_partial_windows(size, window, stride):
    pool = torch.nn.MaxPool2d(window, stride, ceil_mode=True)
    assert pool(torch.zeros(1, 1, size, size)).shape[-1] == pooled(size, window, stride)


def direct_maxout_conv(x, weight, bias, spec):
    """Compute a maxout convolution of (c, h, w) one value at a time."""
    height, width = x.shape[1:]
    padded = torch.zeros(x.shape[0], height + 2 * spec.padding, width + 2 * spec.padding).double()
    padded[:, spec.padding : spec.padding + height, spec.padding : spec.padding + width] = x
    rows, columns = (size - spec.kernel + 1 for size in padded.shape[1:])
    detector = torch.empty(spec.channels, rows, columns).double()
    for channel in range(spec.channels):
        for i in range(rows):
            for j in range(columns):
                window = padded[:, i : i + spec.kernel, j : j + spec.kernel]
                pieces = range(channel * spec.pieces, (channel + 1) * spec.pieces)
                values = [(weight[piece] * window).sum() + bias[piece] for piece in pieces]
                detector[channel, i, j] = max(values)
    sizes = [math.ceil((n - spec.pool) / spec.pool_stride) + 1 for n in (rows, columns)]
    output = torch.empty(spec.channels, *sizes).double()
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            top, left = i * spec.pool_stride, j * spec.pool_stride
            window = detector[:, top : top + spec.pool, left : left + spec.pool]
            output[:, i, j] = window.amax(dim=(1, 2))
    return output


@pytest.mark.parametrize("changes", [{}, {"padding": 0}, {"pool": 2, "pieces": 3}, {"kernel": 2}])
def test_a_maxout_convolution_is_its_direct_loops(changes):
    spec = conv(**changes)
    layers = [IMAGE, spec.model_dump(), PROBABILITY]
    network = build_discriminator(Discriminator(layers=layers), 108, rng()).double()
    convolution = network[1]
    with torch.no_grad():
        convolution.bias.uniform_(-1, 1, generator=rng(1))
    x = torch.randn(2, 108, generator=rng(2)).double()
    found = torch.nn.Sequential(*list(network)[:4])(x)
    for image, output in zip(x.view(2, 3, 6, 6), found, strict=True):
        expected = direct_maxout_conv(image, convolution.weight, convolution.bias, spec)
        torch.testing.assert_close(output, expected, rtol=1e-12, atol=1e-12)


def test_a_deconvolution_is_its_direct_loops_with_a_bias_per_pixel():
    spec = Generator(
        noise={"distribution": "gaussian", "size": 4},
        layers=[
            {"type": "linear", "units": 24, "irange": 0.5},
            {"type": "reshape", "channels": 2, "rows": 3, "columns": 4,
             "order": "row_column_channel"},
            {"type": "deconv", "channels": 3, "kernel": 5, "stride": 3, "irange": 0.5},
        ],
    )  # fmt: skip
    assert spec.layers[-1].output_shape((2, 3, 4)) == (3, 11, 14)
    network = build_generator(spec, 3 * 11 * 14, None, rng()).double()
    weight, bias = network[3].weight, network[4].bias
    assert bias.shape == (3, 11, 14)
    with torch.no_grad():
        bias.uniform_(-1, 1, generator=rng(1))
    z = torch.randn(1, 4, generator=rng(2)).double()
    code = network[0](z)[0]
    expected = bias.clone()
    for row in range(3):
        for column in range(4):
            for channel in range(2):
                value = code[(row * 4 + column) * 2 + channel]
                top, left = 3 * row, 3 * column
                expected[:, top : top + 5, left : left + 5] += value * weight[channel]
    torch.testing.assert_close(network(z)[0], expected.flatten(), rtol=1e-12, atol=1e-12)


def test_an_image_is_read_in_its_order():
    values = torch.arange(24).view(1, 24)
    size = IMAGE | {"channels": 2, "rows": 3, "columns": 4}
    first, last = (
        Reshape(**size | {"order": order}).modules((24,), Start(rng()))[0](values)
        for order in ("channel_row_column", "row_column_channel")
    )
    assert first.shape == last.shape == (1, 2, 3, 4)
    assert first[0, 1, 2, 3] == (1 * 3 + 2) * 4 + 3
    assert last[0, 1, 2, 3] == (2 * 4 + 3) * 2 + 1


def test_dropout_is_element_by_element_and_before_the_padding():
    spec = Discriminator(layers=[IMAGE, conv(keep=0.5).model_dump(), PROBABILITY])
    network = build_discriminator(spec, 108, rng())
    kinds = [type(module).__name__ for module in network]
    assert kinds[:4] == ["Image", "Dropout", "Convolution", "Maxout"]
    network.use_rng(rng(5))
    dropped = network[1](torch.ones(50, 3, 6, 6))
    assert set(dropped.unique().tolist()) == {0, 2}
    # Whole channels would be constant.
    assert (dropped.flatten(2).std(dim=2) > 0).all()


def test_dropout_is_nowhere_in_a_generator():
    for name in ("tfd_stage2", "cifar10_full", "cifar10_conv"):
        plan = load_experiment(name)[1].model.generator
        assert all(getattr(spec, "keep", 1) == 1 for spec in (*plan.front, *plan.layers))


def test_column_norms_hold_after_each_step():
    spec = load_experiment("faces_stage1")[1].model
    fast = spec.model_copy(
        update={"learning_rate": spec.learning_rate.model_copy(update={"initial": 1e3})}
    )
    images = torch.rand(40, 625, generator=rng())
    learner = AdversarialLearner(fast, images, seed=0)
    players = (learner.game.generator.network, learner.game.discriminator.network)
    for step in range(3):
        learner.step((images,), step, 1)
        for player in players:
            bounded = [module for module in player if isinstance(module, BoundedLinear)]
            assert [module.bound for module in bounded] == [1.9365] * 3
            norms = [module.weight.norm(dim=1).max() for module in bounded]
            assert max(norms) <= 1.9365 * (1 + 1e-5)
    # Without the bound such steps would have left it far behind.
    assert max(norms) > 1.93


def test_layers_without_a_bound_are_left_alone():
    spec = load_experiment("cifar10_conv")[1].model.discriminator
    network = build_discriminator(spec, 3072, rng())
    assert {m.bound for m in network if isinstance(m, BoundedLinear)} == {None}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([conv(), PROBABILITY], "its input is a vector of 108 values; reshape it first"),
        ([IMAGE, conv(kernel=9, padding=0), PROBABILITY], "6 × 6 pixels are too few"),
        ([IMAGE | {"rows": 7}, PROBABILITY], "3 × 7 × 6 is 126 values"),
    ],
)
def test_layers_that_do_not_fit_are_one_line(layers, message):
    given = [spec if isinstance(spec, dict) else spec.model_dump() for spec in layers]
    with pytest.raises(UserError, match=message):
        build_discriminator(Discriminator(layers=given), 108, rng())


def test_untied_biases_and_dropout_are_what_the_builder_uses():
    plan = load_experiment("patches_conv")[1].model
    generator = build_generator(plan.generator, 3072, None, rng())
    assert isinstance(generator[-2], UntiedBias)
    discriminator = build_discriminator(plan.discriminator, 3072, rng())
    keeps = [layer.keep for layer in plan.discriminator.layers if layer.type != "reshape"]
    assert [m.keep for m in discriminator if isinstance(m, Dropout)] == keeps == [0.9] + [0.8] * 4
    assert isinstance(plan.generator.layers[-1], Deconv)
