"""Gradients that reparametrisation gives, and those that there are."""

import itertools

import numpy as np
import torch
from torch.nn.functional import logsigmoid

from gan_repro.extensions.discrete import discrete_gradients, thresholded


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_thresholds_are_bernoulli_draws_without_a_slope():
    logits = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    draws = thresholded(logits, torch.rand(40_000, 3, generator=rng()))
    assert set(draws.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(draws.mean(dim=0), logits.sigmoid(), atol=0.01, rtol=0)
    (slope,) = torch.autograd.grad(draws.sum(), logits)
    assert (slope == 0).all()


def test_true_gradients_are_those_of_sums_over_states():
    """Drawn as the function draws them; log-derivative trick in a loop over states."""
    found = discrete_gradients(rng(5))
    again = rng(5)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=again, dtype=torch.float64)

    weight, x, d = normal(6, 5), normal(5), normal(5)
    for name, size, score in (
        ("VAE, discrete latents", 6, lambda z: -0.5 * (x - z @ weight).square().sum()),
        ("GAN, discrete visibles", 5, lambda image: logsigmoid(image @ d)),
    ):
        theta = normal(size)
        torch.rand(512, size, generator=again, dtype=torch.float64)
        normal(512, size)
        p, gradient = theta.sigmoid(), torch.zeros(size, dtype=torch.float64)
        for bits in itertools.product((0.0, 1.0), repeat=size):
            state = torch.tensor(bits, dtype=torch.float64)
            chance = torch.where(state > 0, p, 1 - p).prod()
            gradient += chance * score(state) * (state - p)
        value = found[f"gradient/{name}/true gradient"].value
        np.testing.assert_allclose(value, float(gradient.norm()), rtol=1e-8)
        assert found[f"gradient/{name}/backpropagated"].value == 0
        assert found[f"gradient/{name}/backpropagated, Gaussian instead"].value > 0
