"""The restricted Boltzmann machine: energy, Gibbs transitions, and contrastive divergence.

p(v, h) ∝ exp(v·W·h + v·b + h·c) over binary v and h. Gradients are in closed form.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_repro.baselines.bernoulli import bernoulli


class Rbm:
    """An RBM: ``weight`` (d, units), and ``visible`` (d,) and ``hidden`` (units,) biases."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self.weight, self.visible, self.hidden = (
            weights[name] for name in ("weight", "visible", "hidden")
        )

    def hidden_logits(self, v: Tensor) -> Tensor:
        """Return the (n, units) log-odds of h = 1 given (n, d) visible values."""
        return torch.addmm(self.hidden, v, self.weight)

    def visible_logits(self, h: Tensor) -> Tensor:
        """Return the (n, d) log-odds of v = 1 given (n, units) hidden values."""
        return torch.addmm(self.visible, h, self.weight.T)

    def free_energy(self, v: Tensor) -> Tensor:
        """Return F(v) = −log Σ_h exp(−E(v, h)) in nats, (n,): log p(v) = −F(v) − log Z."""
        return self._free_energy(v, self.hidden_logits(v))

    def _free_energy(self, v: Tensor, logits: Tensor) -> Tensor:
        return -(v @ self.visible) - softplus(logits).sum(dim=1)

    def gibbs(self, v: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw h given v, then v given h; return the new v and its probabilities, (n, d)."""
        return self.descend(self.hidden_logits(v), rng)

    def descend(self, logits: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw h from its (n, units) log-odds, then v given h; return as `gibbs` does."""
        probabilities = self.visible_logits(bernoulli(logits.sigmoid(), rng)).sigmoid_()
        return bernoulli(probabilities, rng), probabilities

    def contrast(
        self, data: Tensor, up_data: Tensor, model: Tensor
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        """Return the gradient of mean F(data) − mean F(model), and that difference, in nats.

        With model samples from p it is an unbiased gradient of −mean log p(data); with the end of
        a short chain it is contrastive divergence.

        Args:
            data: (n, d) visible values in [0, 1].
            up_data: their ``hidden_logits``.
            model: (m, d) samples.

        Returns:
            Gradients of weight, visible and hidden biases; the difference as a (1,) tensor.
        """
        up_model = self.hidden_logits(model)
        h_data, h_model = up_data.sigmoid() / len(data), up_model.sigmoid() / len(model)
        weight = torch.addmm(model.T @ h_model, data.T, h_data, alpha=-1)
        gradients = (
            weight,
            model.mean(dim=0) - data.mean(dim=0),
            h_model.sum(dim=0) - h_data.sum(dim=0),
        )
        gap = self._free_energy(data, up_data).mean() - self._free_energy(model, up_model).mean()
        return gradients, gap[None]
