"""Both players moving at once: Jacobians at the equilibrium, and small games that show them.

A state is the parameters of D, then those of G. One step of the game maps a state to the next:
simultaneous steps let G answer the D it was shown, alternating ones the D that has just moved.
Near an equilibrium the eigenvalues of that map's Jacobian say whether the players approach it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from scipy.special import ndtri
from torch import Tensor

from gan_repro.adversarial.objective import GeneratorLoss, generator_loss, value

Update = Literal["simultaneous", "alternating"]
UPDATES: tuple[Update, Update] = ("simultaneous", "alternating")


@dataclass(frozen=True)
class Players:
    """A game without randomness: equally likely points stand for the data and for the noise.

    Attributes:
        data: (n, 1) points.
        noise: (m, 1) points.
        logit: (D's parameters, (n, 1) points) → (n, 1) logits of D.
        generate: (G's parameters, (m, 1) noise) → (m, 1) samples.
        split: number of D's parameters.
        equilibrium: the state at which p_g = p_data and D = ½.
    """

    data: Tensor
    noise: Tensor
    logit: Callable[[Tensor, Tensor], Tensor]
    generate: Callable[[Tensor, Tensor], Tensor]
    split: int
    equilibrium: Tensor

    def ascent(self, d: Tensor, g: Tensor) -> Tensor:
        """Return the gradient of V with respect to D's parameters, which D follows."""
        return _gradient(lambda p: value(*self._logits(p, g)), d)

    def descent(self, d: Tensor, g: Tensor, kind: GeneratorLoss) -> Tensor:
        """Return minus the gradient of G's loss with respect to its parameters."""
        return -_gradient(lambda p: generator_loss(self._logits(d, p)[1], kind), g)

    def _logits(self, d: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        return self.logit(d, self.data), self.logit(d, self.generate(g, self.noise))

    def step(self, state: Tensor, rate: float, kind: GeneratorLoss, update: Update) -> Tensor:
        """Return the state after one step of both players."""
        d, g = state[: self.split], state[self.split :]
        moved = d + rate * self.ascent(d, g)
        seen = moved if update == "alternating" else d
        return torch.cat([moved, g + rate * self.descent(seen, g, kind)])

    def jacobian(self, rate: float, kind: GeneratorLoss, update: Update) -> np.ndarray:
        """Return the Jacobian of one step at the equilibrium, by automatic differentiation."""
        return torch.autograd.functional.jacobian(
            lambda state: self.step(state, rate, kind, update), self.equilibrium
        ).numpy()

    def flow(self, kind: GeneratorLoss) -> np.ndarray:
        """Return the Jacobian of the directions in which both move: of the limit of small steps."""
        return self.jacobian(1.0, kind, "simultaneous") - np.eye(len(self.equilibrium))

    def path(
        self, start: Sequence[float], rate: float, kind: GeneratorLoss, update: Update, steps: int
    ) -> np.ndarray:
        """Return (steps + 1, parameters): the states from ``start`` on, less the equilibrium."""
        states = [self.equilibrium + torch.as_tensor(start, dtype=torch.float64)]
        for _ in range(steps):
            states.append(self.step(states[-1], rate, kind, update).detach())
        return (torch.stack(states) - self.equilibrium).numpy()


def _gradient(f: Callable[[Tensor], Tensor], point: Tensor) -> Tensor:
    # A copy: what the other player has become may depend on the point itself, and that path of
    # the graph is no part of this player's own gradient.
    tracked = point.clone() if point.requires_grad else point.detach().requires_grad_()
    return torch.autograd.grad(f(tracked), tracked, create_graph=point.requires_grad)[0]


def dirac_players() -> Players:
    """Return the Dirac game: the data are the point 0, G is a point θ, D(x) = σ(ψx).

    At the equilibrium D has no curvature: V does not resist any ψ while θ = 0.
    """
    origin = torch.zeros(1, 1, dtype=torch.float64)
    return Players(
        origin, origin, lambda d, x: d * x, lambda g, z: g + 0 * z, 1, torch.zeros(2).double()
    )


def gaussian_players(points: int = 400) -> Players:
    """Return the Gaussian game: data N(0, 1), G(z) = μ + sz and D(x) = σ(a₀ + a₁x + a₂x²)."""
    z = ndtri((np.arange(points) + 0.5) / points)
    z = torch.from_numpy(z / z.std())[:, None]
    return Players(
        z,
        z,
        lambda d, x: d[0] + d[1] * x + d[2] * x**2,
        lambda g, z: g[0] + g[1] * z,
        3,
        torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0], dtype=torch.float64),
    )


def gaussian_flow(players: Players) -> np.ndarray:
    """Return the same Jacobian in closed form: [[-½ E φφᵀ, -½ B], [½ Bᵀ, 0]] for either loss.

    φ = (1, x, x²) are D's features and B = E[φ'(x) (1, z)]. At D = ½ both losses give G the
    gradient -½ ∇a, and as a = 0 there, G has no curvature of its own.
    """
    x = players.data[:, 0].numpy()
    features = np.stack([np.ones_like(x), x, x**2])
    slopes = np.stack([np.zeros_like(x), np.ones_like(x), 2 * x])
    mixed = slopes @ np.stack([np.ones_like(x), x]).T / len(x)
    curvature = features @ features.T / len(x)
    return 0.5 * np.block([[-curvature, -mixed], [mixed.T, np.zeros((2, 2))]])


def radius(matrix: np.ndarray) -> float:
    """Return the spectral radius: the factor by which distance changes per step, in the end."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def largest_rate(players: Players, kind: GeneratorLoss, update: Update) -> float:
    """Return the rate at which the spectral radius reaches 1, by bisection between 0.01 and 10."""
    low, high = 0.01, 10.0
    for _ in range(40):
        middle = (low + high) / 2
        stable = radius(players.jacobian(middle, kind, update)) < 1
        low, high = (middle, high) if stable else (low, middle)
    return low
