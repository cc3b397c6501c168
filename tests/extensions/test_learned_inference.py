"""Inference of z, on a generator that can be inverted by hand."""

import math

import pytest
import torch
from scipy import stats

from gan_repro.adversarial.game import draw_noise
from gan_repro.extensions.latents import from_gaussian
from gan_repro.extensions.learned_inference import (
    InferenceOptions,
    descend_in_z,
    fit_linear,
    train_inference,
)
from gan_repro.networks.specs import Noise


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Rotated:
    """x = R z + ½ of two coordinates, as `LatentGenerator` is used."""

    size, device = 2, torch.device("cpu")
    turn = torch.tensor([[0.6, 0.8], [-0.8, 0.6]])

    def draw(self, count: int, rng: torch.Generator) -> torch.Tensor:
        return torch.randn(count, 2, generator=rng)

    def z(self, u: torch.Tensor) -> torch.Tensor:
        return u

    def __call__(self, u: torch.Tensor) -> torch.Tensor:
        return u @ self.turn + 0.5


OPTIONS = InferenceOptions(hidden=(16,), steps=400, learning_rate=0.02, descent_steps=150)
U = torch.randn(30, 2, generator=rng(1))


def test_a_network_learns_the_inverse_of_a_rotation():
    network, course = train_inference(Rotated(), 2, OPTIONS, rng())
    found = network(Rotated()(U))
    assert (found - U).square().mean() < 0.05
    assert sum(course[-20:]) < sum(course[:20]) / 5


def test_the_linear_prediction_is_the_inverse_itself():
    predict = fit_linear(Rotated(), 2_000, rng())
    # The ridge shrinks by a thousandth.
    torch.testing.assert_close(predict(Rotated()(U)), U, atol=0.2, rtol=0.01)


def test_a_descent_finds_each_image_from_the_best_start():
    images, starts = Rotated()(U), torch.randn(3, 30, 2, generator=rng(2))
    found = descend_in_z(Rotated(), images, starts, OPTIONS)
    torch.testing.assert_close(found, U, atol=0.02, rtol=0)
    # No steps: what is returned is the nearest of the starts.
    none = OPTIONS.model_copy(update={"descent_steps": 0})
    nearest = descend_in_z(Rotated(), images, starts, none)
    distances = (starts - U).norm(dim=2)
    torch.testing.assert_close((nearest - U).norm(dim=1), distances.min(dim=0).values)


@pytest.mark.parametrize("distribution", ["uniform", "gaussian", "spherical"])
def test_gaussian_coordinates_become_the_prior(distribution):
    noise = Noise(distribution=distribution, size=3)
    z = from_gaussian(noise, torch.randn(4_000, 3, generator=rng(3)))
    drawn = draw_noise(noise, 4_000, rng(4))
    for one, other in zip(z.T, drawn.T, strict=True):
        assert stats.ks_2samp(one.numpy(), other.numpy()).pvalue > 1e-3
    assert z.var(dim=0).tolist() == pytest.approx([1] * 3, abs=0.1)
    if distribution == "spherical":
        torch.testing.assert_close(z.norm(dim=1), torch.full((4_000,), math.sqrt(3)))
        torch.testing.assert_close(drawn.norm(dim=1), torch.full((4_000,), math.sqrt(3)))
