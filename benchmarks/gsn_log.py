"""The deep GSN's training cost over its first epochs, beside the log that its authors published.

    python benchmarks/gsn_log.py [--data data] [--out gsn_log.csv]

Their log is of all 60,000 training images, loaded from a copy of MNIST whose white is 255/256, and
prints the cross-entropy of the last of the unrolled updates. Seed 0, one thread.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from gan_repro.baselines.gsn import GsnLearner
from gan_repro.baselines.gsn_chain import Gsn
from gan_repro.data.dataset import load
from gan_repro.experiments.experiment import load_experiment
from gan_repro.files import atomic_path
from gan_repro.training.devices import prepare_device
from gan_repro.training.seeds import stream_seed

# Epochs 1 to 5 in the README of github.com/yaoli/GSN.
AUTHORS = (0.6072, 0.3024, 0.2924, 0.2681, 0.2665)
IMAGES, BATCH, SEED = 60_000, 100, 0


class Watched(Gsn):
    """A transition that keeps the means of its last update."""

    def decode(self, h1: Tensor) -> Tensor:
        """Return the logits of p(x | h1), which `gradients` turns into means in place."""
        self.means = super().decode(h1)
        return self.means


def costs(images: Tensor) -> list[float]:
    """Train on (N, d) images, and return the mean cross-entropy of the last update per epoch."""
    learner = GsnLearner(load_experiment("mnist_gsn")[1].model, images, SEED)
    learner.gsn = watched = Watched(learner.spec, learner.parameters, learner.rng)
    order = torch.Generator().manual_seed(stream_seed(SEED, "order"))
    found = []
    for epoch in range(1, len(AUTHORS) + 1):
        total, batches = 0.0, torch.randperm(len(images), generator=order).split(BATCH)
        for step, rows in enumerate(batches):
            learner.step((images[rows],), step, epoch)
            total += float(binary_cross_entropy(watched.means, images[rows]))
        found.append(total / len(batches))
        print(f"epoch {epoch}: {found[-1]:.4f}, the authors' log {AUTHORS[epoch - 1]:.4f}")
    return found


def main() -> None:
    """Write both logs side by side."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--out", type=Path, default=Path("gsn_log.csv"))
    options = parser.parse_args()
    prepare_device("cpu", 1)
    mnist = load(options.data / "prepared/mnist.npz")
    pixels = mnist.pixels[:IMAGES].astype(np.float32) / 256
    found = costs(torch.from_numpy(pixels))
    lines = zip(range(1, len(AUTHORS) + 1), found, AUTHORS, strict=True)
    with atomic_path(options.out) as temporary:
        table = pd.DataFrame(lines, columns=["epoch", "ours", "authors_log"])
        table.round(4).to_csv(temporary, index=False)


if __name__ == "__main__":
    main()
