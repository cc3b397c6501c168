"""Both players' objectives against their formulas, and gradients against finite differences."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from gan_repro.adversarial.objective import discriminator_loss, generator_loss, value

LOGITS = torch.tensor([[-3.0], [-0.2], [0.0], [1.5], [4.0]], dtype=torch.float64)
OTHERS = torch.tensor([[2.0], [-1.0], [0.3]], dtype=torch.float64)


def test_value_is_equation_1():
    expected = np.log(expit(LOGITS.numpy())).mean() + np.log(1 - expit(OTHERS.numpy())).mean()
    assert value(LOGITS, OTHERS).item() == pytest.approx(expected, rel=1e-14)


def test_a_discriminator_at_one_half_has_value_minus_log_4():
    zeros = torch.zeros(7, 1, dtype=torch.float64)
    assert value(zeros, zeros).item() == pytest.approx(-np.log(4), rel=1e-15)


def test_the_authors_loss_is_half_the_binary_cross_entropy_sum():
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
    expected = cross_entropy(LOGITS, torch.ones_like(LOGITS))
    expected = 0.5 * (expected + cross_entropy(OTHERS, torch.zeros_like(OTHERS)))
    torch.testing.assert_close(discriminator_loss(LOGITS, OTHERS, 0.5), expected)


def test_generator_losses_are_their_formulas():
    probability = expit(OTHERS.numpy())
    minimax = generator_loss(OTHERS, "minimax").item()
    non_saturating = generator_loss(OTHERS, "non_saturating").item()
    assert minimax == pytest.approx(np.log(1 - probability).mean(), rel=1e-14)
    assert non_saturating == pytest.approx(-np.log(probability).mean(), rel=1e-14)


@pytest.mark.parametrize("kind", ["minimax", "non_saturating"])
def test_gradients_match_finite_differences(kind):
    fake = OTHERS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda a: generator_loss(a, kind), (fake,))
    real = LOGITS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: discriminator_loss(a, b, 0.5), (real, fake))


def test_both_losses_pull_the_generator_the_same_way_with_ratio_one_minus_d_over_d():
    fake = OTHERS.clone().requires_grad_()
    minimax, strong = (
        torch.autograd.grad(generator_loss(fake, kind), fake)[0]
        for kind in ("minimax", "non_saturating")
    )
    probability = torch.sigmoid(fake.detach())
    torch.testing.assert_close(strong / minimax, (1 - probability) / probability)


def test_losses_stay_finite_where_the_discriminator_is_certain():
    extreme = torch.tensor([[-1e4], [1e4]])
    for loss in (value(extreme, extreme), generator_loss(extreme, "non_saturating")):
        assert torch.isfinite(loss)
