"""The schema of the two players' networks: stacks of layers, as `config/experiments/` has them."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from gan_repro.config.schema import Spec
from gan_repro.networks.deconv import Deconv
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import LayerWork, Shape
from gan_repro.networks.maxout_conv import MaxoutConv
from gan_repro.networks.reshape import Reshape

# Every kind of layer is named here and nowhere else.
Layer = Annotated[Dense | MaxoutConv | Deconv | Reshape, Field(discriminator="type")]


class Noise(Spec):
    """The prior p_z: ``uniform`` is U(-√3, √3) and ``gaussian`` N(0, 1), both of variance one."""

    distribution: Literal["uniform", "gaussian"]
    size: PositiveInt


class Generator(Spec):
    """G: noise through a stack of layers; the last has one value per pixel.

    Attributes:
        noise: the prior.
        front: layers between the noise and ``layers`` when those come from another experiment
            (`Experiment.pretrained`): what the front computes replaces the noise they knew.
        layers: the stack itself.
    """

    noise: Noise
    front: tuple[Dense, ...] = ()
    layers: tuple[Layer, ...] = Field(min_length=1)


class Discriminator(Spec):
    """D: pixels through a stack of layers; the last is one sigmoid unit, computed as a logit."""

    layers: tuple[Layer, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_in_a_probability(self) -> "Discriminator":
        last = self.layers[-1]
        if last.type != "sigmoid" or last.units != 1:
            raise ValueError("the discriminator's last layer must be one sigmoid unit")
        return self


def shapes(layers: Sequence[Layer], inputs: int) -> list[Shape]:
    """Return the input shape of a stack of layers, then the output shape of each.

    Raises:
        UserError: a layer cannot take what the one before it gives.
    """
    found: list[Shape] = [(inputs,)]
    for layer in layers:
        found.append(layer.output_shape(found[-1]))
    return found


def stack_work(layers: Sequence[Layer], inputs: int) -> list[LayerWork]:
    """Return what each layer of a stack costs."""
    sizes = shapes(layers, inputs)
    return [layer.work(shape) for layer, shape in zip(layers, sizes, strict=False)]
