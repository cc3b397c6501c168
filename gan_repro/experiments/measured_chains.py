"""The chains of a finished run, measured: how they mix, and how their score drifts."""

from collections.abc import Sequence

import numpy as np
import torch

from gan_repro.baselines.chains import ChainSpec
from gan_repro.config.schema import to_json
from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError
from gan_repro.evaluation.drift import DriftPoint, displacement
from gan_repro.evaluation.mixing import MixingRecord, leak, measure, score_thinned, thinned
from gan_repro.evaluation.parzen import score
from gan_repro.experiments.restored import Restored, origin_of_weights, restore
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed


def draw_chains(run: Restored, chains: int, steps: int, device: torch.device) -> np.ndarray:
    """Draw every state of several chains of a run, (steps, chains, d) means.

    A model without a chain, such as an adversarial net, gives independent draws.
    """
    model = run.experiment.model
    every = model.every_transition(chains) or model
    draws = run.with_model(every).draw(steps * chains, stream_seed(run.seed, "mixing"), device)
    return draws.reshape(steps, chains, -1)


def after_burn_in(run: Restored, burn_in: int) -> Restored:
    """Return a run whose chains make so many transitions before their first sample.

    A model without a chain stays as it is.
    """
    model = run.experiment.model
    if not isinstance(model, ChainSpec):
        return run
    chains = model.chains.model_copy(update={"burn_in": burn_in})
    return run.with_model(model.model_copy(update={"chains": chains}))


def drift_of(
    folder: RunFolder, dataset: Dataset, burn_ins: Sequence[int], count: int, device: torch.device
) -> list[DriftPoint]:
    """Score a run's chains after growing burn-ins, otherwise as the run samples them.

    Raises:
        UserError: the model's samples are independent draws, or there is but one chain.
    """
    run, origin = restore(folder.weights), origin_of_weights(folder)
    model = run.experiment.model
    if model.every_transition(2) is None:
        raise UserError(
            f"{folder.path}: samples of {origin['row']} are independent, nothing drifts"
        )
    if model.chains.count < 2:
        raise UserError(f"{folder.path}: one chain; drift is measured over several")
    starts = run.tensors["starts"][: model.chains.count].numpy()
    seed, points = stream_seed(run.seed, "samples"), []
    for burn_in in burn_ins:
        draws = after_burn_in(run, burn_in).draw(count, seed, device)
        moved = displacement(draws, starts)
        about = {"burn_in": burn_in, "chains": model.chains.count, "displacement": moved}
        found = to_json(score(draws, dataset, device=device))
        points.append(DriftPoint(**origin, **about, **found))
    return points


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
