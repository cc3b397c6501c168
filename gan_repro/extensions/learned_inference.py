"""Section 7, item 2: a network that predicts z from x, trained for a generator that is finished.

It learns from pairs (z, G(z)) alone, as the inference net of wake-sleep does while it sleeps. What
it finds is compared with a descent in z for each image, and with a linear prediction.
"""

import time
from collections.abc import Callable

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor

from gan_repro.config.schema import Spec
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.latents import LatentGenerator
from gan_repro.extensions.records import Measure, Numbers, Several, average, exact, series
from gan_repro.networks.build import Network, build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start
from gan_repro.training.adam import AdamDescent

SHOWN = 10
# A ridge that only keeps the system solvable where pixels never vary.
RIDGE = 1e-3


class InferenceOptions(Spec):
    """Options.

    Attributes:
        hidden: units of each hidden layer, rectified.
        steps: of Adam, on fresh pairs.
        batch: pairs per step.
        learning_rate: at the start; it falls linearly to zero.
        images: samples and test images that are inferred.
        descent_steps: of Adam in z, per start.
        descent_rate: its learning rate.
        starts: of the descent for each image, of which the best counts.
    """

    hidden: Numbers
    steps: PositiveInt
    batch: Several = 100
    learning_rate: PositiveFloat = 1e-3
    images: Several = 100
    descent_steps: PositiveInt = 200
    descent_rate: PositiveFloat = 0.1
    starts: PositiveInt = 3


def train_inference(
    generator: LatentGenerator, pixels: int, options: InferenceOptions, rng: torch.Generator
) -> tuple[Network, list[float]]:
    """Train x → u by the squared error in z; return the network and the error of each step."""
    units = (*options.hidden, generator.size)
    types = ["relu"] * len(options.hidden) + ["linear"]
    widths = (pixels, *options.hidden)
    layers = tuple(
        # He's start: the variance of what goes in is that of what comes out.
        Dense(type=kind, units=count, irange=(6 / width) ** 0.5)
        for kind, count, width in zip(types, units, widths, strict=True)
    )
    network = build_stack(layers, pixels, Start(rng)).to(generator.device)
    optimizer, course = AdamDescent(network.parameters(), options.learning_rate), []
    for step in range(options.steps):
        u = generator.draw(options.batch, rng)
        loss = (generator.z(network(generator(u))) - generator.z(u)).square().mean()
        optimizer.learning_rate = options.learning_rate * (1 - step / options.steps)
        optimizer.descend(loss)
        course.append(loss.item())
    return network.requires_grad_(False), course


def fit_linear(
    generator: LatentGenerator, count: int, rng: torch.Generator
) -> Callable[[Tensor], Tensor]:
    """Return the linear least-squares prediction of z from x, of so many pairs."""
    u = generator.draw(count, rng)
    x, z = generator(u).double(), generator.z(u).double()
    centre = x.mean(dim=0)
    rows = x - centre
    gram = rows.T @ rows / count + RIDGE * torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    weights = torch.linalg.solve(gram, rows.T @ z / count)
    return lambda images: ((images.double() - centre) @ weights).float()


def descend_in_z(
    generator: LatentGenerator, images: Tensor, starts: Tensor, options: InferenceOptions
) -> Tensor:
    """Return u of least ‖G(z(u)) − x‖², by Adam from (starts, n, size) coordinates: (n, size)."""
    u = starts.clone().requires_grad_(True)
    optimizer = AdamDescent([u], options.descent_rate)
    for _ in range(options.descent_steps):
        optimizer.descend(_errors(generator, u, images).sum())
    u = u.detach()
    best = _errors(generator, u, images).argmin(dim=0)
    return u[best, torch.arange(len(images), device=u.device)]


def _errors(generator: LatentGenerator, u: Tensor, images: Tensor) -> Tensor:
    """Return the squared distance of each start's image from its target, (starts, n)."""
    found = generator(u.flatten(0, 1)).view(len(u), *images.shape)
    return (found - images).square().sum(dim=2)


def measure(context: Context, options: InferenceOptions) -> Findings:
    """Infer z of samples, whose z is known, and of test images, in three ways."""
    run = context.restored("generator", context.entry.seeds[0])
    generator = LatentGenerator(run.experiment.model, run.tensors, context.device)
    network, course = train_inference(
        generator, context.dataset.dimension, options, context.rng("training")
    )
    linear = fit_linear(generator, options.steps * options.batch // 10, context.rng("linear"))
    rng, count = context.rng("images"), options.images
    u = generator.draw(count, rng)
    targets = {"samples": generator(u), "test images": context.test[:count]}
    starts = torch.stack([generator.draw(count, rng) for _ in range(options.starts)])
    measures: dict[str, Measure] = {}
    arrays = {}
    for name, x in targets.items():
        clock = time.process_time()
        ways = {"network": network(x)}
        seconds = {"network": time.process_time() - clock}
        clock = time.process_time()
        ways["descent"] = descend_in_z(generator, x, starts, options)
        seconds["descent"] = time.process_time() - clock
        begun = ways["network"][None]
        ways["network, then descent"] = descend_in_z(generator, x, begun, options)
        images = {way: generator(found) for way, found in ways.items()}
        images["linear"] = generator.network(linear(x))
        images["mean image"] = context.train.mean(dim=0).expand_as(x)
        for way, image in images.items():
            errors = (image - x).square().mean(dim=1)
            measures[f"x/{name}/{way}"] = average(errors.tolist(), name)
        for way, spent in seconds.items():
            measures[f"milliseconds/{name}/{way}"] = exact(1e3 * spent / count, "ms per image")
        arrays[name] = torch.stack([x[:SHOWN], *(images[w][:SHOWN] for w in (*ways, "linear"))])
        if name == "samples":
            measures |= _errors_in_z(generator, generator.z(u), ways, linear(x))
    return Findings(
        measures,
        {"loss": series(course[:: max(len(course) // 200, 1)])},
        {name: found.cpu().numpy() for name, found in arrays.items()},
    )


def _errors_in_z(
    generator: LatentGenerator, z: Tensor, ways: dict[str, Tensor], linear: Tensor
) -> dict[str, Measure]:
    """Return the squared error per coordinate of z, whose variance is one, of each way."""
    found = {way: generator.z(u) for way, u in ways.items()} | {"linear": linear}
    return {
        f"z/{way}": average((guess - z).square().mean(dim=1).tolist(), "samples")
        for way, guess in (found | {"mean of z": torch.zeros_like(z)}).items()
    }


EXTENSION = Extension("Section 7, item 2", InferenceOptions, measure)
