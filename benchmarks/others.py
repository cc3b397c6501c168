"""k-means, nearest neighbours, chains, annealed importance sampling, layouts of convolutions."""

from collections.abc import Iterator

import numpy as np
import torch
from sklearn.cluster import KMeans
from torch import nn

from benchmarks.parameters import Sizes
from benchmarks.products import bare
from benchmarks.steps import BARE, PIXELS, learner_of
from benchmarks.timing import Row, compare
from benchmarks.windows import images
from gan_repro.baselines.partition import ais
from gan_repro.baselines.rbm import Rbm
from gan_repro.evaluation.calibration import LLOYD_ITERATIONS
from gan_repro.evaluation.neighbours import nearest
from gan_repro.experiments.experiment import load_experiment


def searches(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """Yield k-means and nearest neighbours."""
    candidates = images(sizes.neighbours, sizes.width, 3).astype(np.float32)
    points = images(sizes.points, sizes.width, 4).astype(np.float32)
    search = lambda: nearest(points, candidates, device)  # noqa: E731
    yield compare("search", "nearest neighbours", BARE, (search, bare(search).run), sizes, device)
    centres = torch.from_numpy(candidates[: sizes.centroids]).to(device)
    rows = torch.from_numpy(candidates).to(device)

    def lloyd() -> None:
        model = KMeans(
            sizes.centroids, init="random", n_init=1, max_iter=LLOYD_ITERATIONS, random_state=0
        )
        model.fit(candidates)

    def distances() -> None:
        for _ in range(LLOYD_ITERATIONS):
            rows @ centres.T

    against = "its distance products, run bare"
    yield compare("search", "k-means (scikit-learn)", against, (lloyd, distances), sizes, device)


def sampling(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """Yield chains of each model with some, and annealed importance sampling."""
    data = torch.rand(100, PIXELS).to(device)
    for name in ("mnist_dbn", "mnist_cae", "mnist_gsn"):
        experiment = load_experiment(name)[1]
        short = experiment.model.chains.model_copy(update={"burn_in": 5, "thin": 1})
        model = experiment.model.model_copy(update={"chains": short})
        learner = learner_of(experiment.model_copy(update={"model": model}), data)
        learner.step((data,), 0, 1)
        draw = lambda learner=learner: learner.sample(sizes.batch, 0)  # noqa: E731
        yield compare("chain", f"{name}, its chains", BARE, (draw, bare(draw).run), sizes, device)
    rng = torch.Generator(device).manual_seed(0)
    shape = sizes.width, sizes.centroids
    rbm = Rbm(
        {
            "weight": 0.01 * torch.randn(shape, generator=rng, device=device),
            "visible": torch.zeros(shape[0], device=device),
            "hidden": torch.zeros(shape[1], device=device),
        }
    )
    anneal = lambda: ais(rbm, sizes.temperatures, sizes.chains, rng)  # noqa: E731
    case = "annealed importance sampling"
    yield compare("chain", case, BARE, (anneal, bare(anneal).run), sizes, device)


def layouts(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """Yield a convolution and a transposed one with channels last, beside the usual layout."""
    kinds = {
        "convolution 32 → 64, 8 × 8": (nn.Conv2d(32, 64, 8, padding=3), (32, 16, 16)),
        "deconvolution 80 → 3, 5 × 5": (nn.ConvTranspose2d(80, 3, 5, 3), (80, 10, 10)),
    }
    for name, (layer, shape) in kinds.items():
        works = []
        for layout in (torch.channels_last, torch.contiguous_format):
            made = layer.to(device, memory_format=layout)
            x = torch.rand(sizes.conv_batch, *shape, device=device).to(memory_format=layout)
            works.append(_forward_and_back(made, x.requires_grad_()))
        case = f"{name}, channels last"
        yield compare("layout", case, "channels first", tuple(works), sizes, device)


def _forward_and_back(layer: nn.Module, x: torch.Tensor):
    weight = layer.weight.detach().clone(memory_format=torch.preserve_format).requires_grad_()

    def work() -> None:
        out = torch.func.functional_call(layer, {"weight": weight}, (x,))
        torch.autograd.grad(out.sum(), (weight, x))

    return work
