"""The Dirac game, played by the class that trains the image models.

The data are the point 0, the generator is a point θ, and the discriminator D(x) = σ(ψx) a tilt.
`joint_dynamics` has the theory.
"""

import numpy as np
import torch
from torch import Tensor, nn

from gan_repro.adversarial.game import Game, Recipe
from gan_repro.adversarial.objective import GeneratorLoss
from gan_repro.networks.specs import Noise
from gan_repro.theory.games.joint_dynamics import Update


class Point(nn.Module):
    """The generator: every z becomes θ."""

    def __init__(self, theta: float) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([[theta]], dtype=torch.float64))

    def forward(self, z: Tensor) -> Tensor:
        """Map (n, 1) to (n, 1)."""
        return self.theta.expand(len(z), 1)

    def use_rng(self, rng: torch.Generator) -> None:
        """Accept the game's generator; nothing here is random."""

    def constrain(self) -> None:
        """There are no column norms to bound."""


class Tilt(Point):
    """The discriminator: the logit ψx."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, 1) to (n, 1) logits."""
        return self.theta * x


def play_dirac(
    start: tuple[float, float], rate: float, kind: GeneratorLoss, update: Update, steps: int
) -> np.ndarray:
    """Return (steps + 1, 2) of (ψ, θ), from ``start`` on."""
    tilt, point = Tilt(start[0]), Point(start[1])
    game = Game(
        point,
        tilt,
        Noise(distribution="uniform", size=1),
        Recipe(update=update, generator_loss=kind),
        torch.Generator().manual_seed(0),
    )
    data = torch.zeros(1, 1, dtype=torch.float64)
    path = [start]
    for _ in range(steps):
        game.play([data], rate, 0.0)
        path.append((tilt.theta.item(), point.theta.item()))
    return np.array(path)
