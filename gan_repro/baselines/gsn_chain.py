"""The deep generative stochastic network of Bengio, Thibodeau-Laufer, Alain and Yosinski (2014).

A Markov chain over (x, h2) whose transition is trained to denoise; its consecutive means p(x | h)
are the samples. Rows of every matrix are examples, so a layer is ``x @ w1``. Gradients are in
closed form.
"""

from itertools import pairwise
from typing import Annotated, Literal

import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from gan_repro.baselines.bernoulli import bernoulli
from gan_repro.baselines.chains import Chains, ChainSpec
from gan_repro.training.model import Weights, Work

PARAMETERS = ("w1", "w2", "b0", "b1", "b2")


class GsnSpec(ChainSpec):
    """Hyperparameters of a deep GSN with two hidden layers.

    Attributes:
        hidden: units of h1 and h2.
        walkback: updates of the chain that a training step unrolls, each scored on clean pixels.
        salt_and_pepper: probability that a pixel is replaced by 0 or 1, equally likely.
        noise: standard deviation of the Gaussian added before and after the tanh of h2.
        learning_rate: of the first epoch.
        learning_rate_decay: its factor from one epoch to the next.
        momentum: weight of the past in the running mean of the gradient.
        chains: how samples are read off.
    """

    kind: Literal["gsn"]
    hidden: tuple[PositiveInt, PositiveInt]
    walkback: PositiveInt
    salt_and_pepper: Annotated[float, Field(ge=0, lt=1)]
    noise: NonNegativeFloat
    learning_rate: PositiveFloat
    learning_rate_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    chains: Chains

    def work(self, pixels: int, batch: int) -> Work:
        """Return the work of one training image: the unrolled chain, and back through it."""
        first, second = self.hidden
        lower, upper, updates = pixels * first, first * second, self.walkback
        # Forward an update goes up twice and down once in each matrix, and the last stops at
        # pixels; backward each product but that with the pixels comes again, and once for the
        # gradient.
        products = 5 * updates * lower + (6 * updates - 5) * upper
        count = lower + upper + pixels + first + second
        values = 2 * updates * (2 * pixels + 2 * first + 3 * second)
        return Work({"the GSN": count}, products, values, count)


class Gsn:
    """The chain's transition; its weights serve both directions (tied)."""

    def __init__(self, spec: GsnSpec, weights: Weights, rng: torch.Generator) -> None:
        self.spec, self.rng = spec, rng
        self.w1, self.w2, self.b0, self.b1, self.b2 = (weights[name] for name in PARAMETERS)

    def encode(self, x: Tensor, h2: Tensor) -> Tensor:
        """Return h1 of (n, d) corrupted pixels and (n, units) h2; it has no noise."""
        return torch.addmm(torch.addmm(self.b1, h2, self.w2.T), x, self.w1).tanh_()

    def decode(self, h1: Tensor) -> Tensor:
        """Return the logits of p(x | h1), (n, d)."""
        return torch.addmm(self.b0, h1, self.w1.T)

    def ascend(self, h1: Tensor) -> tuple[Tensor, Tensor]:
        """Draw h2 given h1; return its tanh without and with the noise that follows it."""
        before = torch.addmm(self.b2, h1, self.w2)
        centre = before.add_(self._gaussian(before)).tanh_()
        return centre, centre + self._gaussian(centre)

    def corrupt(self, x: Tensor) -> Tensor:
        """Replace pixels by salt and pepper."""
        uniform, half = (
            torch.empty_like(x).uniform_(generator=self.rng),
            self.spec.salt_and_pepper / 2,
        )
        return x.masked_fill(uniform < half, 0).masked_fill_(uniform >= 1 - half, 1)

    def feed_back(self, means: Tensor) -> Tensor:
        """Draw pixels from their means, and corrupt them."""
        return self.corrupt(bernoulli(means, self.rng))

    def start(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the state at (n, d) images: corrupted pixels, and h2 of zeros."""
        return self.corrupt(images), images.new_zeros(len(images), len(self.b2))

    def advance(self, state: tuple[Tensor, Tensor]) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Return the next (x, h2) of every chain, and the means p(x | h1) on the way, (n, d)."""
        h1 = self.encode(*state)
        means = self.decode(h1).sigmoid()
        return (self.feed_back(means), self.ascend(h1)[1]), means

    def gradients(self, images: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Unroll the chain from (n, d) clean images, and differentiate its walkback loss.

        The loss is the cross-entropy of each update's means against the clean pixels, averaged
        over pixels and summed over updates. No gradient passes through a draw of pixels.

        Returns:
            The gradients in the order of PARAMETERS, and the loss as a (1,) tensor.
        """
        (x, h2), trace, loss = self.start(images), [], images.new_zeros(1)
        for update in range(self.spec.walkback):
            h1 = self.encode(x, h2)
            logits = self.decode(h1)
            loss += cross_entropy(logits, images)
            means = logits.sigmoid_()
            trace.append((x, h2, h1, (means - images).div_(images.numel())))
            if update + 1 < self.spec.walkback:
                x = self.feed_back(means)
                centre, h2 = self.ascend(h1)
                trace[-1] += (centre,)
        return self._backward(trace), loss

    def _backward(self, trace: list[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Go back through the updates; products over all of them at once are the gradients."""
        at_h1, at_h2 = [], []
        for _, _, h1, error, *centre in reversed(trace):
            to_h1 = error @ self.w1
            if centre:
                slope = 1 - centre[0].square()
                at_h2.append((at_h1[-1] @ self.w2).mul_(slope))
                to_h1.addmm_(at_h2[-1], self.w2.T)
            at_h1.append(to_h1.mul_(1 - h1.square()))
        x, h2, h1, error = (torch.cat(part) for part in zip(*(t[:4] for t in trace), strict=True))
        one = torch.cat(at_h1[::-1])
        two = torch.cat(at_h2[::-1]) if at_h2 else h2[:0]
        w1 = torch.cat([x, error]).T @ torch.cat([one, h1])
        # The last update draws no h2, and the first starts from none.
        rows = len(trace[0][0])
        w2 = torch.cat([h1[: len(two)], one[rows:]]).T @ torch.cat([two, h2[rows:]])
        return w1, w2, error.sum(dim=0), one.sum(dim=0), two.sum(dim=0)

    def _gaussian(self, like: Tensor) -> Tensor:
        return torch.empty_like(like).normal_(generator=self.rng).mul_(self.spec.noise)


def initial_weights(spec: GsnSpec, pixels: int, rng: torch.Generator) -> dict[str, Tensor]:
    """Return weights uniform on ±√(6 / (inputs + outputs)) and zero biases, on the CPU."""
    sizes = (pixels, *spec.hidden)
    weights = {}
    for number, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        bound = (6 / (inputs + outputs)) ** 0.5
        weights[f"w{number}"] = torch.empty(inputs, outputs).uniform_(-bound, bound, generator=rng)
    return weights | {f"b{number}": torch.zeros(units) for number, units in enumerate(sizes)}
