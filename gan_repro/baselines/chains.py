"""Samples read off Markov chains: the part that deep GSN, stacked CAE and DBN share."""

from collections.abc import Callable
from typing import Annotated, Self, TypeVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from gan_repro.config.schema import Spec
from gan_repro.errors import UserError
from gan_repro.training.model import ModelSpec, Weights
from gan_repro.training.seeds import stream_seed

# Every run keeps this many training images, so that a chain never needs the data again.
STARTS = 100
# Transitions before a sample; a file's metadata may ask for no more.
LONGEST = 100_000

State = TypeVar("State")


class Chains(Spec):
    """How samples are read off Markov chains.

    Attributes:
        count: chains side by side, each from a training image of its own, never a test image.
        burn_in: transitions before the first sample.
        thin: transitions from one kept sample to the next; 1 keeps every state.
    """

    count: Annotated[int, Field(ge=1, le=STARTS)]
    burn_in: Annotated[int, Field(ge=0, le=LONGEST)] = 0
    thin: Annotated[int, Field(ge=1, le=LONGEST)] = 1


class ChainSpec(ModelSpec):
    """A model whose samples are read off Markov chains, as its field ``chains`` says."""

    def every_transition(self, chains: int) -> Self:
        """Return the same model with so many chains, each of whose states is a sample."""
        every = self.chains.model_copy(update={"count": chains, "thin": 1})
        return self.model_copy(update={"chains": every})


def choose_starts(images: Tensor, chains: Chains, seed: int) -> Tensor:
    """Return up to 100 distinct training images, (k, d), in the order of a run's own stream.

    Raises:
        UserError: there are fewer images than chains.
    """
    _check_enough(len(images), chains)
    rng = torch.Generator().manual_seed(stream_seed(seed, "chain starts"))
    rows = torch.randperm(len(images), generator=rng)[:STARTS]
    return images[rows.to(images.device)].clone()


def first_states(weights: Weights, chains: Chains) -> Tensor:
    """Return the (chains, d) images that the chains of a run start from."""
    _check_enough(len(weights["starts"]), chains)
    return weights["starts"][: chains.count]


def _check_enough(starts: int, chains: Chains) -> None:
    if starts < chains.count:
        raise UserError(
            f"{chains.count} chains, but only {starts} training images to start from; "
            f"set chains.count to {starts} or less"
        )


@torch.no_grad()
def walk(
    advance: Callable[[State], tuple[State, Tensor]], state: State, chains: Chains, count: int
) -> np.ndarray:
    """Return (count, d) float32 samples; row t · chains + c is the t-th kept one of chain c.

    Args:
        advance: one transition of every chain: state → next state and its (chains, d) images.
        state: of every chain before the first transition; never a sample itself.
        chains: how many, and which states are kept.
        count: samples, over all chains.
    """
    for _ in range(chains.burn_in):
        state, _ = advance(state)
    kept = []
    while len(kept) * chains.count < count:
        for _ in range(chains.thin):
            state, images = advance(state)
        kept.append(images.cpu())
    return torch.cat(kept)[:count].numpy()
