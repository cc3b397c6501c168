"""Table 2, generative auto-encoders: the deep GSN's mixing against its reconstruction.

One GSN is trained for each noise; the noise moves both, and neither can be had alone. And what
inference by a chain means: a hidden half of an image, filled in by transitions that hold the other.
"""

import torch
from pydantic import PositiveInt
from scipy import stats
from torch import Tensor

from gan_repro.baselines.gsn_chain import Gsn
from gan_repro.config.schema import Spec
from gan_repro.errors import UserError
from gan_repro.evaluation.mixing import measure as measure_mixing
from gan_repro.experiments.measured_chains import draw_chains
from gan_repro.experiments.restored import Restored
from gan_repro.extensions.completion import CompletionOptions, make_masks
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.records import Measure, Several, average, exact, series

GROUP = 5
# The role whose chain completes images; all others are told apart by their noise.
CHAIN = "chain"


class AutoencoderOptions(Spec):
    """Options.

    Attributes:
        chains: side by side, a multiple of five.
        steps: transitions of each.
        images: test images that are reconstructed, and completed.
        transitions: of the chain that completes them.
    """

    chains: PositiveInt = 20
    steps: PositiveInt = 800
    images: Several
    transitions: PositiveInt = 100


def reconstruction_errors(run: Restored, x: Tensor, rng: torch.Generator) -> Tensor:
    """Return the squared error per pixel of each image's reconstruction, (n,).

    As training scores it: the mean over the updates of a walk that starts at the image, corrupted.
    """
    gsn = Gsn(run.experiment.model, run.tensors, rng)
    state, errors = gsn.start(x), []
    for _ in range(run.experiment.model.walkback):
        state, means = gsn.advance(state)
        errors.append((means - x).square().mean(dim=1))
    return torch.stack(errors).mean(dim=0)


def integrated_time(run: Restored, options: AutoencoderOptions, device: torch.device) -> Measure:
    """Return transitions per independent draw of all chains, beside those of groups of them."""
    draws = draw_chains(run, options.chains, options.steps, device)
    groups = [
        measure_mixing(draws[:, first : first + GROUP]).integrated_time
        for first in range(0, options.chains, GROUP)
    ]
    return Measure(
        value=measure_mixing(draws).integrated_time,
        low=min(groups),
        high=max(groups),
        unit="transitions",
        repeats=len(groups),
        of=f"groups of {GROUP} chains: smallest, largest",
    )


@torch.no_grad()
def clamped_errors(
    run: Restored, x: Tensor, masks: Tensor, starts: Tensor, transitions: int, seed: int
) -> Tensor:
    """Return the squared error per unseen pixel after each transition, (transitions, n).

    After every transition the seen pixels are put back, so that the chain's states become draws
    from p(unseen | seen). The error is that of the running mean of p(x | h) over the second half of
    the transitions so far.

    Args:
        run: of a deep GSN.
        x: (n, d) images.
        masks: (n, d), one where a pixel is seen.
        starts: (n, d), what the chain starts from where nothing is seen.
        transitions: of each chain.
        seed: of their noise.
    """
    rng = torch.Generator().manual_seed(seed)
    gsn, unseen = Gsn(run.experiment.model, run.tensors, rng), 1 - masks
    (state, h2), kept, errors = gsn.start(masks * x + unseen * starts), [], []
    for step in range(transitions):
        (state, h2), means = gsn.advance((state, h2))
        state = masks * gsn.corrupt(x) + unseen * state
        kept.append(means)
        mean = torch.stack(kept[step // 2 :]).mean(dim=0)
        errors.append((((mean - x) * unseen).square().sum(dim=1)) / unseen.sum(dim=1))
    return torch.stack(errors)


def measure(context: Context, options: AutoencoderOptions) -> Findings:
    """Measure every noise's chain, and the completion of halves by one chain."""
    measures: dict[str, Measure] = {}
    rows, x = [], context.test[: options.images].cpu()
    for role, run in _runs(context).items():
        noise = run.experiment.model.noise
        errors = reconstruction_errors(run, x, context.rng(f"reconstruction {noise}"))
        found = average(errors.tolist(), "test images")
        time = integrated_time(run, options, context.device)
        measures[f"reconstruction error/{noise:g}"] = found
        measures[f"transitions per independent draw/{noise:g}"] = time
        record = context.folder(role, context.entry.seeds[0]).read_record()
        score = record.chosen.valid_ll
        measures[f"validation parzen/{noise:g}"] = exact(score, "nats")
        rows.append((noise, found.value, time.value, score))
    rows.sort()
    noises, errors, times, scores = zip(*rows, strict=True)
    measures["rank correlation/noise and reconstruction error"] = exact(_ranks(noises, errors))
    measures["rank correlation/noise and transitions"] = exact(_ranks(noises, times))
    curve = {"noise": noises, "reconstruction error": errors, "transitions": times}
    curve["validation parzen"] = scores
    completed = _completion(context, options, x)
    return Findings(
        measures | completed[0], {n: series(v) for n, v in (curve | completed[1]).items()}
    )


def _runs(context: Context) -> dict[str, Restored]:
    """Return by role the runs that differ in noise; raises UserError where they do not."""
    roles = [role for role in context.entry.experiments if role != CHAIN]
    runs = {role: context.restored(role, context.entry.seeds[0]) for role in roles}
    noises = [run.experiment.model.noise for run in runs.values()]
    if len({*noises}) < max(len(noises), 2):
        said = ", ".join(f"{noise:g}" for noise in noises) or "none"
        raise UserError(
            f"autoencoders: experiments: name GSNs of different noise; these have {said}"
        )
    return runs


def _ranks(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return float(stats.spearmanr(one, other).statistic)


def _completion(
    context: Context, options: AutoencoderOptions, x: Tensor
) -> tuple[dict[str, Measure], dict[str, tuple[float, ...]]]:
    """Complete the lower halves of images by the chain of one GSN."""
    run = context.restored(CHAIN, context.entry.seeds[0])
    only = CompletionOptions(images=len(x), shares=())
    masks = make_masks(context.dataset.shape, only, context.rng("masks"))["top half seen"]
    # As the chains of Table 1 start. From coin flips it can end where no image is, and stay there.
    rng = context.rng("starts")
    images = context.train[torch.randint(len(context.train), (len(x),), generator=rng)].cpu()
    ways = {"training images": images, "coin flips": torch.rand(x.shape, generator=rng).round()}
    found = {
        way: clamped_errors(run, x, masks, starts, options.transitions, context.stream("clamped"))
        for way, starts in ways.items()
    }
    errors = found["training images"]
    filled = (((context.train.cpu().mean(dim=0) - x) * (1 - masks)).square().sum(dim=1)) / (
        1 - masks
    ).sum(dim=1)
    first, last = errors[0], errors[-1]
    measures = {
        "clamped/after 1 transition": average(first.tolist(), "test images"),
        f"clamped/after {options.transitions} transitions": average(last.tolist(), "test images"),
        "clamped/saved by the chain": average((first - last).tolist(), "test images"),
        "clamped/from coin flips": average(found["coin flips"][-1].tolist(), "test images"),
        "clamped/mean image": average(filled.tolist(), "test images"),
    }
    return measures, {"clamped error": tuple(errors.mean(dim=1).tolist())}


EXTENSION = Extension("Table 2, generative auto-encoders", AutoencoderOptions, measure)
