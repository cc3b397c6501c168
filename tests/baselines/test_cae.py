"""The contractive layer against autograd, and its sampler against explicit Jacobians."""

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy

from gan_repro.baselines.cae import CaeLayer, CaeLayerSpec, CaeSpec, decode, sample, tangent
from gan_repro.baselines.chains import Chains


def layer(inputs: int = 5, units: int = 4, contraction: float = 0.3, seed: int = 0) -> CaeLayer:
    rng = torch.Generator().manual_seed(seed)
    shapes = {"weight": (inputs, units), "hidden": (units,), "visible": (inputs,)}
    spec = CaeLayerSpec(units=units, epochs=1, contraction=contraction, learning_rate=0.1)
    weights = {n: torch.randn(s, generator=rng, dtype=torch.float64) for n, s in shapes.items()}
    return CaeLayer(spec, weights)


def jacobian(function, x: torch.Tensor) -> torch.Tensor:
    """∂f/∂x of (1, inputs) → (1, outputs), one output at a time."""
    x = x.clone().requires_grad_()
    return torch.stack([torch.autograd.grad(value, x)[0] for value in rows(function, x)])


def rows(function, x: torch.Tensor) -> list[torch.Tensor]:
    return [function(x[None])[0, unit] for unit in range(function(x[None]).shape[1])]


X = torch.rand(3, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_the_penalty_is_the_squared_norm_of_the_jacobian():
    one = layer()
    jacobians = torch.stack([jacobian(one.encode, x) for x in X])
    expected = jacobians.square().flatten(1).sum(dim=1)
    torch.testing.assert_close(one.penalty(one.encode(X)), expected)


def test_the_gradients_are_those_of_the_loss():
    one = layer()
    names = ("weight", "hidden", "visible")
    leaves = {name: one.parameters[name].clone().requires_grad_() for name in names}
    free = CaeLayer(one.spec, leaves)
    h = free.encode(X)
    entropy = binary_cross_entropy(free.decode(h), X, reduction="none").sum(dim=1).mean()
    penalty = free.penalty(h).mean()
    expected = torch.autograd.grad(entropy + 0.3 * penalty, list(leaves.values()))
    found, metrics = one.gradients(X)
    for gradient, exact in zip(found, expected, strict=True):
        torch.testing.assert_close(gradient, exact)
    torch.testing.assert_close(metrics, torch.stack([entropy, penalty]).detach())


def test_contraction_shrinks_the_jacobian():
    free, contracted = layer(contraction=0.0), layer(contraction=3.0)
    for _ in range(200):
        free.learn(X)
        contracted.learn(X)
    sizes = [float(one.penalty(one.encode(X)).mean()) for one in (free, contracted)]
    assert sizes[1] < 0.2 * sizes[0]


def test_the_walk_moves_by_the_jacobian_of_the_whole_stack():
    stack = [layer(5, 4), layer(4, 3, seed=2)]
    noise = torch.randn(3, 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    code, move = tangent(stack, X, noise)

    def encoder(x):
        return stack[1].encode(stack[0].encode(x))

    torch.testing.assert_close(code, encoder(X))
    for row in range(3):
        j = jacobian(encoder, X[row])
        torch.testing.assert_close(move[row], j @ j.T @ noise[row])


def test_a_walk_without_noise_repeats_the_reconstruction():
    stack = [layer(5, 4), layer(4, 3, seed=2)]
    weights = {
        f"{number}.{name}": tensor.float()
        for number, one in enumerate(stack)
        for name, tensor in one.weights().items()
    } | {"starts": X.float()}
    spec = CaeSpec(
        kind="cae", layers=[one.spec for one in stack], walk_noise=1e-12, chains=Chains(count=3)
    )
    x, rounds = X, []
    for _ in range(2):
        x = decode(stack, stack[1].encode(stack[0].encode(x)))
        rounds.append(x)
    found = sample(spec, weights, 6, 0, torch.device("cpu"))
    np.testing.assert_allclose(found, torch.cat(rounds).numpy(), rtol=1e-5)


@pytest.mark.parametrize("contraction", [0.0, 0.5])
def test_learning_lowers_the_loss(contraction):
    one = layer(contraction=contraction)
    losses = [
        float(entropy + contraction * penalty) for entropy, penalty in map(one.learn, [X] * 50)
    ]
    assert losses[-1] < losses[0] - 0.1
