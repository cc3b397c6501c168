"""A training step of each model at the authors' sizes, beside its own products run bare."""

from collections.abc import Iterator

import torch

from benchmarks.parameters import Sizes
from benchmarks.products import bare
from benchmarks.timing import Row, Work, compare
from gan_repro.baselines.greedy_spec import GreedySpec
from gan_repro.experiments.experiment import Experiment, load_experiment
from gan_repro.experiments.systems import system
from gan_repro.training.model import Learner
from gan_repro.training.updates import MomentumDescent

# The share of a step that its products should be.
GOALS = {"mnist_authors": 0.85, "mnist_gsn": 0.75, "mnist_cae": 0.75, "mnist_dbn": 0.75,
         "mnist_vae": 0.75}  # fmt: skip
# Of MNIST.
PIXELS = 784
BARE = "its own products, run bare"


def learner_of(experiment: Experiment, images: torch.Tensor, seed: int = 0) -> Learner:
    """Return an untrained learner; of a stack, its lowest layer."""
    model = experiment.model
    if isinstance(model, GreedySpec):
        model = model.model_copy(update={"layers": model.layers[:1]})
    return system(model.kind).learner(model, images, seed)


def stepping(name: str, sizes: Sizes, device: torch.device, batch: int | None = None) -> Work:
    """Return one step of an experiment on random images."""
    experiment = load_experiment(name)[1]
    images = torch.rand(max(100, batch or sizes.batch), PIXELS).to(device)
    learner = learner_of(experiment, images)
    batches = (images[: batch or sizes.batch],) * learner.batches_per_step
    return lambda: learner.step(batches, 0, 1)


def steps(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """Yield a row for each model."""
    for name, share in GOALS.items():
        step = stepping(name, sizes, device)
        products = bare(step)
        yield compare(
            "step",
            f"{name}, a step",
            BARE,
            (step, products.run),
            sizes,
            device,
            goal=round(1 / share, 2),
        )


def seeds(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """Yield what several seeds take together, beside the same seeds one after the other."""
    for name, width in (("digits_authors", 64), ("mnist_authors", 784)):
        experiment = load_experiment(name)[1]
        images = torch.rand(sizes.batch, width).to(device)
        make = system(experiment.model.kind)
        alone, among = (
            [make.learner(experiment.model, images, seed) for seed in range(sizes.seeds)]
            for _ in range(2)
        )
        together = make.together(among)
        joint = images.expand(sizes.seeds, *images.shape).contiguous()

        def separately(alone=alone, images=images) -> None:
            for learner in alone:
                learner.step((images,), 0, 1)

        works = (lambda together=together, joint=joint: together.step((joint,), 0, 1), separately)
        case = f"{name}, {sizes.seeds} seeds together"
        yield compare("seeds", case, "one after the other", works, sizes, device)


def updates(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """Yield the share of a step that is its update: what a fused update could save at most."""
    learner = learner_of(load_experiment("mnist_authors")[1], torch.rand(100, 784).to(device))
    players = (learner.game.generator, learner.game.discriminator)
    parameters = [p.detach().clone() for player in players for p in player.parameters()]
    descent = MomentumDescent(parameters)
    gradients = [torch.randn_like(parameter) for parameter in parameters]
    works = lambda: descent.step(gradients, 0.1, 0.5), stepping("mnist_authors", sizes, device)
    yield compare("step", "mnist_authors' update", "the whole step", works, sizes, device)
