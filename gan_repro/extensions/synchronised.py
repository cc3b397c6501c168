"""Table 2, training of adversarial models: what becomes of G when D stands still (Helvetica).

From the end of a run both go on in two ways, from the same state: G alone against the D it has,
and both by the run's own recipe. Rates are those that the run ended with, and decay further.
"""

from typing import NamedTuple

import numpy as np
import torch
from pydantic import PositiveInt, model_validator

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.config.schema import Spec
from gan_repro.experiments.relearned import Relearned
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.recognition import Recogniser
from gan_repro.extensions.records import Measure, series, spread

# A class counts as drawn if it has a quarter of its fair share of the samples.
FAIR = 0.25


class SynchronisedOptions(Spec):
    """Options.

    Attributes:
        updates: of G.
        looks: how often the samples are looked at on the way.
        samples: per look.
    """

    updates: PositiveInt
    looks: PositiveInt = 5
    samples: PositiveInt = 500

    @model_validator(mode="after")
    def _looks_are_after_updates(self) -> "SynchronisedOptions":
        if self.looks > self.updates:
            raise ValueError(f"{self.looks} looks at {self.updates} updates; ask for fewer looks")
        return self

    def places(self) -> list[int]:
        """Return after how many updates the samples are looked at."""
        return np.linspace(0, self.updates, self.looks + 1).round().astype(int).tolist()[1:]


class Look(NamedTuple):
    """Samples, and the mean of D(G(z)) over them."""

    draws: np.ndarray
    accepted: float


def diversity(samples: np.ndarray, images: np.ndarray) -> float:
    """Return the root mean square distance between two samples, as a part of the images'."""
    return float(np.sqrt(samples.var(axis=0).sum() / images.var(axis=0).sum()))


def classes_drawn(found: np.ndarray, classes: int) -> int:
    """Return how many classes have a quarter of their fair share among recognised samples."""
    counts = np.bincount(found, minlength=classes)
    return int((counts >= FAIR * len(found) / classes).sum())


def _look(context: Context, learner: AdversarialLearner, samples: int) -> Look:
    """Draw with the same z each time, and ask a D that drops nothing what it makes of them."""
    draws = learner.sample(samples, context.stream("look"))
    discriminator = learner.game.discriminator.network.eval()
    with torch.no_grad():
        accepted = discriminator(torch.from_numpy(draws).to(context.device)).sigmoid().mean().item()
    discriminator.train()
    return Look(draws, accepted)


def _go_on(
    context: Context, trained: Relearned, options: SynchronisedOptions, alone: bool
) -> list[Look]:
    """Look before, and after each part of the updates."""
    learner, (steps, epochs) = trained.learner, (trained.steps, trained.epochs)
    batch = trained.experiment.plan.batch_size
    order, looks = context.rng("order"), options.places()
    seen = [_look(context, learner, options.samples)]
    for update in range(options.updates):
        step, epoch = steps + update, epochs + 1
        if alone:
            learner.game.step_generator(batch, *learner.schedule(step, epoch))
        else:
            rows = torch.randint(
                len(context.train), (learner.batches_per_step, batch), generator=order
            )
            learner.step(tuple(context.train[each] for each in rows), step, epoch)
        if update + 1 in looks:
            seen.append(_look(context, learner, options.samples))
    return seen


def measure(context: Context, options: SynchronisedOptions) -> Findings:
    """Go on from each seed's end with and without updates of D; look at what G draws."""
    recognise, images = Recogniser(context.dataset), context.train.cpu().numpy()
    measures: dict[str, Measure] = {}
    curves: dict[str, tuple[float, ...]] = {}
    arrays: dict[str, np.ndarray] = {}
    for name, alone in (("D stands still", True), ("both go on", False)):
        varied, drawn, accepted = [], [], []
        for seed in context.entry.seeds:
            seen = _go_on(context, context.relearned("adversarial", seed), options, alone)
            varied.append([diversity(draws, images) for draws, _ in seen])
            drawn.append([classes_drawn(recognise(draws), recognise.classes) for draws, _ in seen])
            accepted.append([share for _, share in seen])
            arrays.setdefault(name, seen[-1][0][:20])
        for quantity, values in (
            ("diversity", varied), ("classes drawn", drawn), ("mean D(G(z))", accepted),
        ):  # fmt: skip
            table = np.array(values, dtype=float)
            measures[f"{quantity}/{name}/before"] = spread(table[:, 0], "seeds")
            measures[f"{quantity}/{name}/after"] = spread(table[:, -1], "seeds")
            for seed, row in zip(context.entry.seeds, table, strict=True):
                curves[f"{quantity}/{name}/seed{seed}"] = series(row)
    curves["updates"] = series(np.array([0, *options.places()]))
    return Findings(measures, curves, arrays)


EXTENSION = Extension("Table 2, training of adversarial models", SynchronisedOptions, measure)
