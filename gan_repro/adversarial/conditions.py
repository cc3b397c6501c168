"""What a conditional adversarial net is told beside noise (Section 7, items 1 and 3).

A condition c is a row of numbers that both players see: appended to z, and to x as far as x does
not show it already.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Literal

import torch
from pydantic import Field, PositiveInt
from torch import Tensor

from gan_repro.config.schema import Spec


class ConditionKind(Spec):
    """The base of every kind of condition, which a subclass names in its field ``given``."""

    @property
    def label_values(self) -> int:
        """How many values of a one-hot label a training row has behind its pixels."""
        return 0

    @abstractmethod
    def width(self, pixels: int) -> int:
        """Return the number of values of c."""

    @abstractmethod
    def hidden_width(self, pixels: int) -> int:
        """Return the number of values of `hidden`."""

    @abstractmethod
    def draw(self, rows: Tensor, pixels: int, rng: torch.Generator) -> Tensor:
        """Return what is told of (n, pixels or more) training rows: (n, width)."""

    def frequencies(self, rows: Tensor, pixels: int) -> dict[str, Tensor]:
        """Return what `prior` must know of the (N, pixels or more) training rows, by name."""
        return {}

    @abstractmethod
    def prior(
        self, frequencies: Mapping[str, Tensor], count: int, pixels: int, rng: torch.Generator
    ) -> Tensor:
        """Return conditions under which samples are draws from p(x) itself: (count, width)."""

    def hidden(self, c: Tensor) -> Tensor:
        """Return the part of (n, width) conditions that an image does not show itself."""
        return c

    def complete(self, x: Tensor, c: Tensor) -> Tensor:
        """Return the image that G's (n, pixels) output x stands for under (n, width) c."""
        return x


class Label(ConditionKind):
    """c is the class of x, one-hot: the model is p(x | class)."""

    given: Literal["label"]
    classes: PositiveInt

    @property
    def label_values(self) -> int:
        """Return one value per class."""
        return self.classes

    def width(self, pixels: int) -> int:
        """Return one value per class."""
        return self.classes

    def hidden_width(self, pixels: int) -> int:
        """Return one value per class."""
        return self.classes

    def draw(self, rows: Tensor, pixels: int, rng: torch.Generator) -> Tensor:
        """Return the label of each row."""
        return rows[:, pixels:]

    def frequencies(self, rows: Tensor, pixels: int) -> dict[str, Tensor]:
        """Return how often each class is."""
        return {"frequencies": rows[:, pixels:].mean(dim=0)}

    def prior(
        self, frequencies: Mapping[str, Tensor], count: int, pixels: int, rng: torch.Generator
    ) -> Tensor:
        """Return one-hot classes, as often as in training."""
        drawn = torch.multinomial(
            frequencies["frequencies"].to(rng.device), count, replacement=True, generator=rng
        )
        return one_hot(drawn, self.classes)


class Mask(ConditionKind):
    """c is a part of x and where it lies: one model of every p(x_S | x_¬S), S unseen.

    Of three kinds of S, each is drawn a third of the time: pixels at random, at a share that is
    itself uniform; everything beyond a straight cut from a random side, at a random place; and all
    of x, which makes the model p(x) too.

    Attributes:
        rows: of the image.
        columns: of the image.
    """

    given: Literal["mask"]
    rows: PositiveInt
    columns: PositiveInt

    def width(self, pixels: int) -> int:
        """Return a value and a mask for every pixel."""
        return 2 * pixels

    def hidden_width(self, pixels: int) -> int:
        """Return a mask for every pixel."""
        return pixels

    def draw(self, rows: Tensor, pixels: int, rng: torch.Generator) -> Tensor:
        """Return what is seen through a fresh mask on each row."""
        return told(rows, self.masks(len(rows), rng).to(rows.dtype))

    def prior(
        self, frequencies: Mapping[str, Tensor], count: int, pixels: int, rng: torch.Generator
    ) -> Tensor:
        """Return that nothing is seen."""
        return torch.zeros(count, 2 * pixels, device=rng.device)

    def hidden(self, c: Tensor) -> Tensor:
        """Return the masks: what is seen is part of the image."""
        return c.chunk(2, dim=1)[1]

    def complete(self, x: Tensor, c: Tensor) -> Tensor:
        """Return x where nothing is seen, and what is seen elsewhere."""
        seen, mask = c.chunk(2, dim=1)
        return torch.where(mask > 0, (1 + seen) / 2, x)

    def masks(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw (count, pixels) masks, 1 where a pixel is seen."""
        shape, device = (self.rows, self.columns), rng.device
        uniform = torch.rand(count, *shape, 1, generator=rng, device=device)[..., 0]
        share = torch.rand(count, 1, 1, generator=rng, device=device)
        side = torch.randint(4, (count, 1, 1), generator=rng, device=device)
        kind = torch.randint(3, (count, 1, 1), generator=rng, device=device)
        down = torch.arange(self.rows, device=device)[:, None].expand(shape) / self.rows
        across = torch.arange(self.columns, device=device).expand(shape) / self.columns
        place = torch.where(side < 2, down, across)
        beyond = torch.where(side % 2 == 0, place < share, place >= share)
        seen = torch.where(kind == 0, uniform < share, (kind == 1) & beyond)
        return seen.flatten(1).float()


def told(images: Tensor, masks: Tensor) -> Tensor:
    """Return (n, 2·pixels): 2x - 1 where (n, pixels) masks are 1, 0 elsewhere; and the masks."""
    return torch.cat([(2 * images - 1) * masks, masks], dim=1)


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Return (n, classes) float32 rows of (n,) labels."""
    return torch.nn.functional.one_hot(labels.long(), classes).float()


Condition = Annotated[Label | Mask, Field(discriminator="given")]
