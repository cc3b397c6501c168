"""Dense layers against hand-computed numbers, and dropout against its expectation."""

import math

import pytest
import torch

from gan_repro.networks.modules import Dropout, Maxout, limit_column_norms


def test_maxout_takes_the_maximum_over_consecutive_pieces_without_a_floor():
    x = torch.tensor([[1.0, 5.0, -2.0, -7.0, -3.0, -4.0], [0.0, -1.0, 3.0, 2.0, 9.0, 8.0]])
    expected_by_three = torch.tensor([[5.0, -3.0], [3.0, 9.0]])
    torch.testing.assert_close(Maxout(3)(x), expected_by_three)
    torch.testing.assert_close(Maxout(2)(x)[0], torch.tensor([5.0, -2.0, -3.0]))


@pytest.mark.parametrize("keep", [0.8, 0.5])
def test_dropout_keeps_the_expectation_and_scales_by_one_over_keep(keep):
    dropout = Dropout(keep)
    dropout.rng = torch.Generator().manual_seed(0)
    out = dropout(torch.ones(400, 500))
    assert out.unique().tolist() == pytest.approx([0, 1 / keep])
    standard_error = math.sqrt((1 - keep) / keep / out.numel())
    assert abs(out.mean().item() - 1) < 5 * standard_error


def test_dropout_masks_are_independent_per_example_and_element():
    dropout = Dropout(0.5)
    dropout.rng = torch.Generator().manual_seed(1)
    kept = (dropout(torch.ones(2_000, 6)) > 0).double()
    correlation = torch.corrcoef(kept.T) - torch.eye(6, dtype=torch.float64)
    assert correlation.abs().max() < 5 / math.sqrt(2_000)


def test_dropout_is_the_identity_at_test_time():
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Dropout(0.5).eval()(x), x)


def test_dropout_draws_only_from_its_own_generator():
    state = torch.get_rng_state()
    first, second = Dropout(0.5), Dropout(0.5)
    for dropout in (first, second):
        dropout.rng = torch.Generator().manual_seed(3)
    assert torch.equal(first(torch.ones(50)), second(torch.ones(50)))
    assert torch.equal(state, torch.get_rng_state())


def test_column_norms_follow_the_authors_rule():
    weight = torch.tensor([[3.0, 4.0], [0.6, 0.8], [0.0, 0.0]], dtype=torch.float64)
    limit_column_norms(weight, 2.0)
    expected = [[3 * 2 / (5 + 1e-7), 4 * 2 / (5 + 1e-7)], [0.6 / (1 + 1e-7), 0.8 / (1 + 1e-7)]]
    torch.testing.assert_close(
        weight[:2], torch.tensor(expected, dtype=torch.float64), rtol=1e-14, atol=0
    )
    assert weight[2].tolist() == [0, 0]
