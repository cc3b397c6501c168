"""What a model's training step costs, whatever the model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """The cost of training on one image once.

    Attributes:
        parameters: how many, by the name of the network that has them.
        products: multiplications of dense layers and convolutions, forward and backward.
        values: numbers that a step holds per image of its minibatch.
        sampled: parameters of what draws samples, which are kept twice.
    """

    parameters: dict[str, int]
    products: float
    values: int
    sampled: int
