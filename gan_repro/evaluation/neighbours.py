"""Nearest training images: whether a generator has memorised is a question of distances.

Figure 2 shows the neighbours; `memorisation` compares how near samples come to the training images
with how near test images do, which nobody could have memorised.
"""

import math

import numpy as np
import torch

from gan_repro.data.dataset import Dataset

BLOCK = 4_096


@torch.no_grad()
def nearest(
    points: np.ndarray, images: np.ndarray, device: torch.device | str = "cpu"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row of the nearest image to each point, and their Euclidean distance.

    Args:
        points: (n, d) in model space.
        images: (m, d) candidates in the same space.
        device: where to compute.

    Returns:
        (n,) int64 rows and (n,) float64 distances; the first of equally near images wins.
    """
    queries = torch.from_numpy(np.array(points, np.float64)).to(device)
    best = torch.full((len(queries),), math.inf, dtype=torch.float64, device=device)
    rows = torch.zeros(len(queries), dtype=torch.int64, device=device)
    for start in range(0, len(images), BLOCK):
        block = torch.from_numpy(np.array(images[start : start + BLOCK], np.float64)).to(device)
        squares = torch.addmm(block.square().sum(dim=1), queries, block.T, alpha=-2)
        found, place = squares.min(dim=1)
        rows = torch.where(found < best, place + start, rows)
        best = torch.minimum(best, found)
    # The chosen pairs once more, directly: the expanded square loses digits near zero.
    rows = rows.cpu().numpy()
    return rows, np.linalg.norm(points.astype(np.float64) - images[rows], axis=1)


def memorisation(
    samples: np.ndarray, dataset: Dataset, count: int, device: torch.device | str = "cpu"
) -> dict[str, float]:
    """Compare distances to the nearest training image, of samples and of test images.

    The first ``count`` samples and the first ``count`` test images (of all folds) are taken. A
    ratio near one says that samples keep the distance of unseen data; copies would bring it to 0.

    Returns:
        counts, mean and smallest distances in model space, standard errors, and their ratio.
    """
    test = np.unique(np.concatenate([fold.test for fold in dataset.folds]))[:count]
    images = dataset.images(dataset.train)
    _, ours = nearest(samples[:count], images, device)
    _, theirs = nearest(dataset.images(test), images, device)
    return {
        "samples": len(ours),
        "samples_to_training": float(ours.mean()),
        "samples_se": float(ours.std() / math.sqrt(len(ours))),
        "samples_smallest": float(ours.min()),
        "test_images": len(theirs),
        "test_to_training": float(theirs.mean()),
        "test_se": float(theirs.std() / math.sqrt(len(theirs))),
        "test_smallest": float(theirs.min()),
        "ratio": float(ours.mean() / theirs.mean()),
    }
