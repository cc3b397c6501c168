"""Section 7, item 4: features of a trained discriminator where few labels are to be had.

Features are what D's hidden layers compute without dropout. A linear classifier reads them, its
penalty chosen by leave-one-out on the labelled images alone; beside it the same classifier on raw
pixels and on the features of an untrained D, and D's own architecture trained on the labels.
"""

from collections.abc import Callable, Iterator
from typing import Annotated

import numpy as np
import torch
from pydantic import Field, PositiveFloat, PositiveInt
from sklearn.linear_model import RidgeClassifierCV
from torch import Tensor

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.config.schema import Spec
from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.latents import LatentGenerator
from gan_repro.extensions.learned_inference import InferenceOptions, train_inference
from gan_repro.extensions.records import Measure, Several, average
from gan_repro.networks.build import Network, build_discriminator, build_stack
from gan_repro.networks.layer import Start
from gan_repro.networks.modules import Maxout
from gan_repro.networks.specs import Discriminator
from gan_repro.training.adam import AdamDescent

PENALTIES = np.logspace(-3, 5, 9)


class SemiSupervisedOptions(Spec):
    """Options.

    Attributes:
        labels: numbers of labelled images.
        draws: random sets of each number, the same sets for every method.
        network_draws: of these, how many the supervised network is trained on.
        network_steps: of Adam, for the supervised network.
        network_batch: labelled images per step.
        network_rate: its learning rate at the start; it falls linearly to zero.
        inference: how the inference net is trained whose features are tried too.
    """

    labels: Annotated[tuple[Several, ...], Field(min_length=1)]
    draws: Several = 10
    network_draws: Several = 5
    network_steps: PositiveInt = 200
    network_batch: PositiveInt = 100
    network_rate: PositiveFloat = 0.003
    inference: InferenceOptions


@torch.no_grad()
def hidden_features(network: Network, images: Tensor, after: type) -> np.ndarray:
    """Return what every hidden layer computes, side by side: (n, units of all of them).

    Args:
        network: D, or another stack.
        images: (n, d).
        after: the modules whose outputs are features.
    """
    network.eval()
    found, x = [], images
    for module in network:
        x = module(x)
        if isinstance(module, after):
            found.append(x)
    network.train()
    return torch.cat(found, dim=1).cpu().numpy()


def label_draws(
    dataset: Dataset, labels: int, draws: int, rng: torch.Generator
) -> Iterator[np.ndarray]:
    """Yield sets of positions among the training images, as many of each class as can be.

    Raises UserError where a class has too few.
    """
    classes, targets = dataset.classes, torch.from_numpy(dataset.labels[dataset.train])
    for _ in range(draws):
        order = torch.randperm(len(targets), generator=rng)
        shares = [labels // classes + (k < labels % classes) for k in range(classes)]
        chosen = [order[targets[order] == k][:share] for k, share in enumerate(shares)]
        if [len(part) for part in chosen] != shares:
            raise UserError(
                f"semi_supervised: labels: {labels} need more training images of some class than "
                f"{dataset.title} has; ask for fewer"
            )
        yield torch.cat(chosen).numpy()


def linear_accuracy(train: np.ndarray, y: np.ndarray, test: np.ndarray, truth: np.ndarray) -> float:
    """Return the test accuracy of a ridge classifier, its penalty chosen by leave-one-out."""
    model = RidgeClassifierCV(alphas=PENALTIES).fit(train, y)
    return float(model.score(test, truth))


def network_accuracy(
    spec: Discriminator,
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    options: SemiSupervisedOptions,
    rng: torch.Generator,
) -> float:
    """Return the test accuracy of D's architecture with one output per class, dropout included."""
    (x, y), (points, truth) = train, test
    last = spec.layers[-1].model_copy(update={"type": "linear", "units": int(y.max()) + 1})
    network = build_stack((*spec.layers[:-1], last), x.shape[1], Start(rng))
    network.use_rng(rng)
    optimizer = AdamDescent(network.parameters(), options.network_rate)
    size = min(options.network_batch, len(x))
    for step in range(options.network_steps):
        rows = torch.randperm(len(x), generator=rng)[:size]
        loss = torch.nn.functional.cross_entropy(network(x[rows]), y[rows])
        optimizer.learning_rate = options.network_rate * (1 - step / options.network_steps)
        optimizer.descend(loss)
    network.eval()
    with torch.no_grad():
        return float((network(points).argmax(dim=1) == truth).double().mean())


def standardised(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both with the training images' mean 0 and variance 1; needs no label."""
    centre, scale = train.mean(axis=0), train.std(axis=0)
    scale = np.where(scale > 1e-6, scale, 1)
    return (train - centre) / scale, (test - centre) / scale


def measure(context: Context, options: SemiSupervisedOptions) -> Findings:
    """Compare methods at each number of labels, on the same random sets of labelled images."""
    learner = context.relearned("adversarial", context.entry.seeds[0]).learner
    dataset, features = context.dataset, _features(context, learner, options)
    y, truth = dataset.labels[dataset.train], dataset.labels[dataset.fold(0).test]
    x, points = context.train.cpu(), context.test.cpu()
    accuracies: dict[tuple[str, int], list[float]] = {}
    for labels in options.labels:
        rng = context.rng(f"networks {labels}")
        for draw, rows in enumerate(
            label_draws(dataset, labels, options.draws, context.rng(f"labels {labels}"))
        ):
            for name, (train, test) in features.items():
                found = linear_accuracy(train[rows], y[rows], test, truth)
                accuracies.setdefault((name, labels), []).append(found)
            if draw < options.network_draws:
                pair = x[rows], torch.from_numpy(y[rows]).long()
                answers = points, torch.from_numpy(truth)
                found = network_accuracy(learner.spec.discriminator, pair, answers, options, rng)
                accuracies.setdefault(("supervised network", labels), []).append(found)
    return Findings(_measures(accuracies, options))


def _measures(
    accuracies: dict[tuple[str, int], list[float]], options: SemiSupervisedOptions
) -> dict[str, Measure]:
    """Return every accuracy, and by how much D's features are better, set by set."""
    found = {
        f"accuracy/{name}/{labels}": average(values, "label draws")
        for (name, labels), values in accuracies.items()
    }
    for labels in options.labels:
        ours = accuracies["features of D", labels]
        for name in {name for name, _ in accuracies} - {"features of D"}:
            others = accuracies[name, labels]
            gains = np.subtract(ours[: len(others)], others)
            found[f"gain over {name}/{labels}"] = average(gains, "label draws")
    return found


def _features(
    context: Context, learner: AdversarialLearner, options: SemiSupervisedOptions
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return method → what the linear classifier sees of training and test images."""
    d = context.dataset.dimension
    untrained = build_discriminator(learner.spec.discriminator, d, context.rng("untrained"))
    generator = LatentGenerator(learner.spec, learner.weights(), context.device)
    network, _ = train_inference(generator, d, options.inference, context.rng("inference"))
    seen: dict[str, Callable[[Tensor], np.ndarray]] = {
        "features of D": lambda x: hidden_features(learner.game.discriminator.network, x, Maxout),
        "random features": lambda x: hidden_features(untrained, x.cpu(), Maxout),
        "features of the inference net": lambda x: hidden_features(network, x, torch.nn.ReLU),
        "raw pixels": lambda x: x.cpu().numpy(),
    }
    return {name: standardised(see(context.train), see(context.test)) for name, see in seen.items()}


EXTENSION = Extension("Section 7, item 4", SemiSupervisedOptions, measure)
