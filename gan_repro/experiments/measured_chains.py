"""How the chains of a finished run mix: every transition of several chains, measured."""

import numpy as np
import torch

from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.mixing import MixingRecord, leak, measure, score_thinned, thinned
from gan_repro.experiments.restored import Restored, restore
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed


def draw_chains(run: Restored, chains: int, steps: int, device: torch.device) -> np.ndarray:
    """Draw every state of several chains of a run, (steps, chains, d) means.

    A model without a chain, such as an adversarial net, gives independent draws.
    """
    model = run.experiment.model
    every = model.every_transition(chains) or model
    changed = run._replace(experiment=run.experiment.model_copy(update={"model": every}))
    draws = changed.draw(steps * chains, stream_seed(run.seed, "mixing"), device)
    return draws.reshape(steps, chains, -1)


def mixing_of(
    folder: RunFolder, dataset: Dataset, chains: int, steps: int, device: torch.device
) -> MixingRecord:
    """Measure how a run's chains mix, and what that does to its score."""
    run, about = restore(folder.weights), folder.read_record()
    draws = draw_chains(run, chains, steps, device)
    scores = score_thinned(draws, dataset, about.seed, device)
    independent = run.experiment.model.every_transition(chains) is None
    leaked = None if independent else leak(thinned(draws, 1), dataset, scores[0].sigma)
    mixing = measure(draws)
    return MixingRecord(
        experiment=about.experiment,
        row=about.row,
        seed=about.seed,
        title=dataset.title,
        independent=independent,
        chains=chains,
        steps=steps,
        integrated_time=mixing.integrated_time,
        effective=mixing.effective,
        leak=leaked,
        scores=tuple(scores),
        autocorrelation=tuple(mixing.autocorrelation.tolist()),
    )
