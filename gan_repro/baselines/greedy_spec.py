"""The schema of a stack of layers that are trained one after another."""

from abc import abstractmethod
from itertools import accumulate, pairwise
from typing import Self

from pydantic import Field, PositiveInt

from gan_repro.baselines.chains import Chains, ChainSpec
from gan_repro.config.schema import Spec
from gan_repro.errors import UserError
from gan_repro.training.model import Work
from gan_repro.training.plan import Plan


class LayerSpec(Spec):
    """What every layer has: its width, and the epochs that it alone is trained for."""

    units: PositiveInt
    epochs: PositiveInt

    @abstractmethod
    def passes(self, batch: int) -> float:
        """Return products with the layer's matrix per training image, in such minibatches."""


class GreedySpec(ChainSpec):
    """A stack of layers, trained from the bottom up, and the chains that sample it."""

    layers: tuple[LayerSpec, ...] = Field(min_length=1)
    chains: Chains

    @property
    def epochs(self) -> int:
        """Epochs of all layers together: what the plan must say."""
        return sum(layer.epochs for layer in self.layers)

    def with_epochs(self, epochs: int) -> Self:
        """Return the same stack with another number of epochs, divided in the same proportion.

        Raises:
            UserError: there are fewer epochs than layers.
        """
        if epochs < len(self.layers):
            raise UserError(f"{epochs} epochs for {len(self.layers)} layers; give each at least 1")
        spare, total = epochs - len(self.layers), self.epochs
        ends = [round(spare * end / total) for end in accumulate(x.epochs for x in self.layers)]
        shares = [1 + end - start for start, end in pairwise([0, *ends])]
        layers = tuple(
            layer.model_copy(update={"epochs": share})
            for layer, share in zip(self.layers, shares, strict=True)
        )
        return self.model_copy(update={"layers": layers})

    def check_plan(self, plan: Plan) -> None:
        """Raise ValueError where a plan has other epochs, or chooses among all of them."""
        if plan.epochs != self.epochs:
            raise ValueError(
                f"plan.epochs is {plan.epochs}, but the layers' epochs add up to {self.epochs}"
            )
        if plan.select != "last":
            # A choice among all epochs could keep a stack whose upper layers are untrained.
            raise ValueError("layers trained one after another need plan.select: last")

    def work(self, pixels: int, batch: int) -> Work:
        """Return the work of one training image, averaged over the epochs of the layers."""
        widths = [pixels, *(layer.units for layer in self.layers)]
        matrices = [below * above for below, above in pairwise(widths)]
        # While a layer learns, each image is encoded by those below.
        encoding = [0, *accumulate(matrices[:-1])]
        products = sum(
            layer.epochs * (below + layer.passes(batch) * matrix)
            for layer, below, matrix in zip(self.layers, encoding, matrices, strict=True)
        )
        count = sum(matrices) + sum(widths) + sum(widths[1:-1])
        name = f"the {self.kind.upper()}"
        return Work({name: count}, products / self.epochs, 10 * max(widths), count)

    def stages(self, epochs: int) -> list[tuple[int, int]]:
        """Return (first epoch, number of epochs) of each layer."""
        ends = accumulate(layer.epochs for layer in self.layers)
        return [
            (end - layer.epochs + 1, layer.epochs)
            for end, layer in zip(ends, self.layers, strict=True)
        ]

    def stage(self, epoch: int) -> int:
        """Return the 0-based layer that a 1-based epoch trains."""
        ends = accumulate(layer.epochs for layer in self.layers)
        return next(number for number, end in enumerate(ends) if epoch <= end)
