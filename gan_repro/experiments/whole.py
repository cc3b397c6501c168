"""Runs from training to score, several in one process: for those that start and end in seconds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from gan_repro.config.schema import to_json
from gan_repro.data.dataset import load
from gan_repro.errors import UserError
from gan_repro.evaluation.scored import score_file
from gan_repro.evaluation.scores import Score
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.job import USUAL, Options
from gan_repro.experiments.restored import write_samples
from gan_repro.experiments.run import train
from gan_repro.files import write_json
from gan_repro.training.reports import Lines
from gan_repro.training.runs import RunFolder


@dataclass(frozen=True)
class Whole:
    """What all runs of one process share.

    Attributes:
        data: folder of prepared data.
        runs: folder of runs, EXPERIMENT/seedK each.
        count: samples of each.
        device: where to compute.
        epochs: experiment → epochs in place of its own.
        options: how each is made.
    """

    data: Path
    runs: Path
    count: int
    device: torch.device
    epochs: dict[str, int] = field(default_factory=dict)
    options: Options = USUAL

    def run(self, name: str, seed: int) -> list[Score]:
        """Train an experiment, draw from it and score it, as three verbs do one after the other."""
        name, experiment = load_experiment(name)
        experiment, own = experiment.for_epochs(self.epochs.get(name))
        folder, first = RunFolder(self.runs / name / f"seed{seed}"), None
        if experiment.pretrained:
            first = RunFolder(self.runs / experiment.pretrained / f"seed{seed}")
        options = replace(self.options, recipe_epochs=own)
        train(name, experiment, seed, self.data, folder, self.device, Lines(), first, options)
        samples = folder.path / "samples.npy"
        write_samples(folder.weights, self.count, None, self.device, samples)
        dataset = load(self.data / f"{experiment.dataset}.npz")
        scores = score_file(samples, dataset, range(len(dataset.folds)), self.device)
        write_json(folder.path / "parzen.json", [to_json(score) for score in scores])
        return scores

    def run_all(self, runs: Iterable[tuple[str, int]], say: Callable[[str], None]) -> None:
        """Run several, and say of each how it ended; one that fails stops none of the others.

        Raises:
            UserError: the first failure, once all the others are done.
        """
        failed: list[UserError] = []
        for name, seed in runs:
            say(f"{name}, seed {seed}")
            try:
                found = self.run(name, seed)
            except UserError as error:
                say(f"gan-repro: {name}, seed {seed}: {error}")
                failed.append(error)
            else:
                mean = np.mean([score.grids["authors"].test_ll for score in found])
                say(f"{name}, seed {seed}: {mean:.1f} nats")
        if failed:
            raise failed[0]
