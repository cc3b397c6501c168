"""Section 7, item 3: every p(x_S | x_¬S) by one conditional net, asked to complete images.

Completions are draws, so the squared error of a single one says little: even draws from the true
conditional have twice its variance. The energy score judges them together, and is least for them.
"""

import numpy as np
import torch
from pydantic import PositiveInt
from torch import Tensor

from gan_repro.adversarial.conditional import ConditionalDecoder
from gan_repro.adversarial.conditions import told
from gan_repro.config.schema import Spec
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.recognition import Recogniser
from gan_repro.extensions.records import Measure, Several, average, of_estimate
from gan_repro.theory.estimates import share

SHOWN, SHOWN_DRAWS = 8, 4
NEIGHBOURS = 10


class CompletionOptions(Spec):
    """Options.

    Attributes:
        images: test images that are completed.
        draws: completions of each.
        shares: of the pixels seen, in the random masks.
    """

    images: Several
    draws: PositiveInt = 10
    shares: tuple[float, ...] = (0.25, 0.5, 0.75)


def make_masks(
    shape: tuple[int, ...], options: CompletionOptions, rng: torch.Generator
) -> dict[str, Tensor]:
    """Return name → (images, pixels) masks, 1 where a pixel is seen."""
    rows, columns = shape
    down = torch.arange(rows)[:, None].expand(shape) < rows // 2
    across = torch.arange(columns).expand(shape) < columns // 2
    halves = {"top": down, "bottom": ~down, "left": across, "right": ~across}
    found = {
        f"{name} half seen": half.flatten().float().expand(options.images, -1)
        for name, half in halves.items()
    }
    for seen in options.shares:
        uniform = torch.rand(options.images, rows * columns, generator=rng)
        found[f"{100 * seen:.0f} % seen"] = (uniform < seen).float()
    return found


def nearest_by_seen(images: Tensor, masks: Tensor, training: Tensor, count: int) -> Tensor:
    """Return the training images nearest to each image in its seen pixels, (n, count, d)."""
    seen = images * masks
    # ‖m ∘ (x − t)‖² without the part that does not depend on t.
    squares = masks @ training.square().T - 2 * seen @ training.T
    return training[squares.topk(count, dim=1, largest=False).indices]


def completion_scores(draws: Tensor, x: Tensor, masks: Tensor) -> dict[str, Tensor]:
    """Return what (k, n, d) completions of (n, d) images score on unseen pixels: (n,) each.

    ``draw`` and ``mean of draws`` are squared errors per unseen pixel; ``energy`` is the energy
    score E‖X − x‖ − ½ E‖X − X'‖ in the units of x, whose second half a single completion lacks.
    """
    unseen = 1 - masks
    count = unseen.sum(dim=1).clamp(min=1)
    errors = ((draws - x) * unseen).square().sum(dim=2)
    between = torch.stack([((draws - other) * unseen).norm(dim=2) for other in draws])
    pairs = max(len(draws) * (len(draws) - 1), 1)
    middle = ((draws.mean(dim=0) - x) * unseen).square().sum(dim=1)
    return {
        "draw": errors.mean(dim=0) / count,
        "mean of draws": middle / count,
        "energy": errors.sqrt().mean(dim=0) - 0.5 * between.sum(dim=(0, 1)) / pairs,
        "spread": ((draws.var(dim=0) * unseen).sum(dim=1) / count) if len(draws) > 1 else count * 0,
    }


def measure(context: Context, options: CompletionOptions) -> Findings:
    """Complete test images under halves and random masks, beside neighbours and the mean image."""
    run = context.restored("completion", context.entry.seeds[0])
    decode = ConditionalDecoder(run.experiment.model, run.tensors, context.device)
    rng, training = context.rng("completions"), context.train.cpu()
    x = context.test[: options.images].cpu()
    recognise = Recogniser(context.dataset)
    labels = context.dataset.labels[context.dataset.fold(0).test[: options.images]]
    measures: dict[str, Measure] = {}
    arrays: dict[str, np.ndarray] = {"images": x[:SHOWN].numpy()}
    for name, masks in make_masks(context.dataset.shape, options, rng).items():
        draws = torch.stack([decode(told(x, masks), rng) for _ in range(options.draws)])
        other = told(x.roll(1, 0), masks)
        astray = torch.stack([decode(other, rng) for _ in range(options.draws)])
        near = nearest_by_seen(x, masks, training, NEIGHBOURS)
        filled = training.mean(dim=0).expand_as(x)
        ways = {
            "net": draws,
            "net told of another image": _filled(x, masks, astray),
            "nearest neighbour": _filled(x, masks, near[:, 0])[None],
            f"{NEIGHBOURS} neighbours": _filled(x, masks, near.transpose(0, 1)),
            "mean image": _filled(x, masks, filled)[None],
        }
        own = completion_scores(draws, x, masks)["energy"]
        for way, completions in ways.items():
            found = completion_scores(completions, x, masks)
            if way != "net":
                found["gain"] = found["energy"] - own
            for score, values in found.items():
                measures[f"{score}/{name}/{way}"] = average(values.tolist(), "test images")
            right = recognise(completions[0].numpy()) == labels
            measures[f"recognised/{name}/{way}"] = of_estimate(share(right), "test images")
        arrays[f"masks {name}"] = masks[:SHOWN].numpy()
        arrays[f"draws {name}"] = draws[:SHOWN_DRAWS, :SHOWN].numpy()
        arrays[f"neighbours {name}"] = ways["nearest neighbour"][0, :SHOWN].numpy()
    return Findings(measures, {}, arrays)


def _filled(x: Tensor, masks: Tensor, source: Tensor) -> Tensor:
    """Return x where it is seen and ``source`` elsewhere."""
    return masks * x + (1 - masks) * source


EXTENSION = Extension("Section 7, item 3", CompletionOptions, measure)
