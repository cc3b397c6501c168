"""Table 2, training of adversarial models: what becomes of G when D stands still (Helvetica).

From the end of a run both go on in two ways: G alone against the D it has, and both by the run's
own recipe, from the same state with the same noise.
"""

import numpy as np
import torch
from pydantic import PositiveInt, model_validator

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.config.schema import Spec
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
        batch: images or samples per update.
    """

    updates: PositiveInt
    looks: PositiveInt = 5
    samples: PositiveInt = 500
    batch: PositiveInt = 100

    @model_validator(mode="after")
    def _looks_are_after_updates(self) -> "SynchronisedOptions":
        if self.looks > self.updates:
            raise ValueError(f"{self.looks} looks at {self.updates} updates; ask for fewer looks")
        return self


def diversity(samples: np.ndarray, images: np.ndarray) -> float:
    """Return the root mean square distance between two samples, as a part of the images'."""
    return float(np.sqrt(samples.var(axis=0).sum() / images.var(axis=0).sum()))


def classes_drawn(found: np.ndarray, classes: int) -> int:
    """Return how many classes have a quarter of their fair share among recognised samples."""
    counts = np.bincount(found, minlength=classes)
    return int((counts >= FAIR * len(found) / classes).sum())


def _go_on(
    context: Context, learner: AdversarialLearner, options: SynchronisedOptions, alone: bool
) -> list[tuple[np.ndarray, float]]:
    """Return samples and mean D(G(z)) before, and after each part of the updates."""
    game, spec = learner.game, learner.spec
    rate, momentum = spec.learning_rate.initial, spec.momentum.final
    order, seen = context.rng("order"), []
    for update in range(options.updates + 1):
        if update % (options.updates // options.looks) == 0:
            draws = learner.sample(options.samples, context.stream("look"))
            images = torch.from_numpy(draws).to(context.device)
            with torch.no_grad():
                accepted = game.discriminator(images).sigmoid().mean().item()
            seen.append((draws, accepted))
        if alone:
            game.step_generator(options.batch, rate, momentum)
            continue
        rows = torch.randint(len(context.train), (options.batch,), generator=order)
        batches = [context.train[rows]] * learner.batches_per_step
        game.play(batches, rate, momentum)
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
    curves["updates"] = series(np.linspace(0, options.updates, options.looks + 1))
    return Findings(measures, curves, arrays)


EXTENSION = Extension("Table 2, training of adversarial models", SynchronisedOptions, measure)
