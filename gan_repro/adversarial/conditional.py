"""The conditional adversarial net: p(x | c) by adding c as input to both G and D (Section 7).

To Algorithm 1 nothing changes. Its data are pairs (x, c), its prior draws z together with the c of
a random training row, and its generator returns (G(z, c), c).
"""

from typing import Literal

import numpy as np
import torch
from pydantic import model_validator
from torch import Tensor

from gan_repro.adversarial.conditions import Condition, ConditionKind
from gan_repro.adversarial.game import Game, draw_noise
from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.adversarial.sampling import SAMPLE_BATCH
from gan_repro.adversarial.spec import AdversarialSpec
from gan_repro.networks.build import Network, build_discriminator, build_generator
from gan_repro.networks.specs import Generator, output_width
from gan_repro.training.model import System, Weights, Work
from gan_repro.training.seeds import stream_seed
from gan_repro.training.updates import Rate


class ConditionalSpec(AdversarialSpec):
    """Hyperparameters of a conditional adversarial net.

    Attributes:
        condition: what c is.
    """

    kind: Literal["conditional"]
    condition: Condition

    @model_validator(mode="after")
    def _has_no_front(self) -> "ConditionalSpec":
        if self.generator.front:
            raise ValueError("a conditional generator has no front")
        return self

    @property
    def label_values(self) -> int:
        """How many classes there are, where c is the class."""
        return self.condition.label_values

    def widened(self, pixels: int) -> Generator:
        """Return G with c among its inputs."""
        noise = self.generator.noise
        size = noise.size + self.condition.width(pixels)
        return self.generator.model_copy(update={"noise": noise.model_copy(update={"size": size})})

    def work(self, pixels: int, batch: int) -> Work:
        """Return the work of one training image, c included."""
        plain = AdversarialSpec.model_construct(**{**dict(self), "generator": self.widened(pixels)})
        return plain.work(pixels + self.condition.hidden_width(pixels), batch)


class ConditionalGenerator(Network):
    """G as its opponent meets it: (n, noise + width) rows (z, c) → (n, pixels + width) rows (x, c).

    Args:
        network: G itself, (z, c) → x.
        size: of z.
        condition: what c is.
    """

    def __init__(self, network: Network, size: int, condition: ConditionKind) -> None:
        super().__init__(*network)
        self.size, self.condition = size, condition

    def forward(self, z_and_c: Tensor) -> Tensor:
        """Return the image with its condition behind it."""
        c = z_and_c[:, self.size :]
        x = self.condition.complete(super().forward(z_and_c), c)
        return torch.cat([x, self.condition.hidden(c)], dim=1)


class ConditionalGame(Game):
    """The game whose prior is over (z, c).

    Args:
        players: G and D.
        spec: hyperparameters.
        rows: (N, pixels or more) training rows, whose conditions are drawn with z.
        pixels: of an image.
        rng: for noise, dropout masks and conditions.
    """

    def __init__(
        self,
        players: tuple[ConditionalGenerator, Network],
        spec: ConditionalSpec,
        rows: Tensor,
        pixels: int,
        rng: torch.Generator,
    ) -> None:
        super().__init__(*players, spec.generator.noise, spec.recipe, rng)
        self.condition, self.rows, self.pixels = spec.condition, rows, pixels

    def pairs(self, rows: Tensor) -> Tensor:
        """Return (x, c) of training rows, (n, pixels + width)."""
        c = self.condition.draw(rows, self.pixels, self.rng)
        return torch.cat([rows[:, : self.pixels], self.condition.hidden(c)], dim=1)

    def _noise(self, count: int) -> Tensor:
        z, device = super()._noise(count), self.rows.device
        chosen = torch.randint(len(self.rows), (count,), generator=self.rng, device=device)
        c = self.condition.draw(self.rows[chosen], self.pixels, self.rng)
        return torch.cat([z, c], dim=1)


class ConditionalLearner(AdversarialLearner):
    """Both players in training; implements `gan_repro.training.model.Learner`.

    Args:
        spec: hyperparameters.
        images: (N, pixels) training images on the device, with one-hot labels behind them where
            the condition needs them.
        seed: of the run; initial weights, noise, masks and conditions are streams of it.
    """

    def __init__(self, spec: ConditionalSpec, images: Tensor, seed: int) -> None:
        self.spec, self.batches_per_step = spec, spec.recipe.discriminator_steps
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights"))
        pixels = output_width(spec.generator)
        mean = images[:, :pixels].mean(dim=0, dtype=torch.float64).cpu()
        width = pixels + spec.condition.hidden_width(pixels)
        generator = build_conditional(spec, pixels, mean, start).to(images.device)
        discriminator = build_discriminator(spec.discriminator, width, start).to(images.device)
        rng = torch.Generator(images.device).manual_seed(stream_seed(seed, "noise and masks"))
        self.game = ConditionalGame((generator, discriminator), spec, images, pixels, rng)
        self.frequencies = spec.condition.frequencies(images, pixels)

    def play(self, batches: tuple[Tensor, ...], phase: int, rates: tuple[Rate, ...]) -> Tensor:
        """Play one iteration on pairs; see `Game.play`."""
        return super().play(tuple(self.game.pairs(batch) for batch in batches), phase, rates)

    def weights(self) -> dict[str, Tensor]:
        """Return the weights of G, and the frequencies of conditions."""
        return super().weights() | self.frequencies

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) samples of the present generator, over all conditions."""
        return draw(self.game.generator.network, self.spec, self.frequencies, count, seed)


def build_conditional(
    spec: ConditionalSpec, pixels: int, mean: Tensor, rng: torch.Generator
) -> ConditionalGenerator:
    """Build G on the CPU; raises UserError where its last layer does not fit the data."""
    network = build_generator(spec.widened(pixels), pixels, mean, rng)
    return ConditionalGenerator(network, spec.generator.noise.size, spec.condition)


class ConditionalDecoder:
    """x = G(z, c) of a finished run."""

    def __init__(self, spec: ConditionalSpec, weights: Weights, device: torch.device) -> None:
        self.pixels, self.noise = output_width(spec.generator), spec.generator.noise
        mean = torch.full((self.pixels,), 0.5)
        self.generator = build_conditional(spec, self.pixels, mean, torch.Generator())
        own = {name: weights[name] for name, _ in self.generator.named_parameters()}
        self.generator.load_state_dict(own)
        self.generator.to(device)

    @torch.no_grad()
    def __call__(self, c: Tensor, rng: torch.Generator) -> Tensor:
        """Return an (n, d) draw of x for each of (n, width) conditions, on the CPU."""
        z = draw_noise(self.noise, len(c), rng)
        device = next(self.generator.parameters()).device
        return self.generator(torch.cat([z, c], dim=1).to(device))[:, : self.pixels].cpu()


@torch.no_grad()
def draw(
    generator: ConditionalGenerator,
    spec: ConditionalSpec,
    frequencies: Weights,
    count: int,
    seed: int,
) -> np.ndarray:
    """Draw (count, d) samples from p(x), the conditions drawn with z, both on the CPU."""
    rng, pixels = torch.Generator().manual_seed(seed), output_width(spec.generator)
    device, parts = next(generator.parameters()).device, []
    for first in range(0, count, SAMPLE_BATCH):
        size = min(SAMPLE_BATCH, count - first)
        z = draw_noise(spec.generator.noise, size, rng)
        c = spec.condition.prior(frequencies, size, pixels, rng)
        parts.append(generator(torch.cat([z, c], dim=1).to(device))[:, :pixels].cpu())
    return torch.cat(parts).numpy()


def sample(
    spec: ConditionalSpec, weights: Weights, count: int, seed: int, device: torch.device
) -> np.ndarray:
    """Draw (count, d) samples from a finished run, over all conditions."""
    generator = ConditionalDecoder(spec, weights, device).generator
    return draw(generator, spec, weights, count, seed)


SYSTEM = System(ConditionalSpec, ConditionalLearner, sample)
