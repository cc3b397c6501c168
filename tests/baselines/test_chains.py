"""What is kept of a chain, and where chains start."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from gan_repro.baselines.chains import Chains, choose_starts, first_states, walk
from gan_repro.errors import UserError


def count_up(state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return state + 1, state + 1


def test_burn_in_and_thinning_choose_the_states():
    start = torch.tensor([[0.0], [100.0]])
    found = walk(count_up, start, Chains(count=2, burn_in=5, thin=3), 6)
    np.testing.assert_array_equal(found[:, 0], [8, 108, 11, 111, 14, 114])


def test_the_last_round_of_chains_is_cut_to_the_count():
    found = walk(count_up, torch.zeros(4, 1), Chains(count=4), 6)
    np.testing.assert_array_equal(found[:, 0], [1, 1, 1, 1, 2, 2])


def test_starts_are_distinct_training_images_of_the_seed():
    images = torch.arange(300.0)[:, None]
    first, again, other = (choose_starts(images, Chains(count=1), seed)[:, 0] for seed in (0, 0, 1))
    assert len(first.unique()) == 100
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_more_chains_than_starts_are_refused():
    with pytest.raises(UserError, match="8 chains, but only 5 training images"):
        first_states({"starts": torch.zeros(5, 2)}, Chains(count=8))
    with pytest.raises(UserError, match="8 chains, but only 5 training images"):
        choose_starts(torch.zeros(5, 2), Chains(count=8), 0)


def test_no_more_chains_than_a_run_keeps_starts_for():
    with pytest.raises(ValidationError, match="less than or equal to 100"):
        Chains(count=101)
