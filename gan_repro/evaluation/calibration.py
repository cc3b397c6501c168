"""Calibration rows beside Table 1: samples that need no generative model.

Real training images as samples bound what the Parzen window can say of a perfect model; k-means
centroids score higher still, which is why the number must be read with care.
"""

from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans

from gan_repro.data.dataset import Dataset

# The score has settled by then, and each pass over MNIST costs 0.8 TFLOP.
LLOYD_ITERATIONS = 6


def training_images(dataset: Dataset, count: int, seed: int) -> np.ndarray:
    """Draw (count, d) distinct training images; all of them where there are no more."""
    rows = np.random.default_rng(seed).permutation(dataset.train)[:count]
    return dataset.images(rows)


def kmeans_centroids(dataset: Dataset, count: int, seed: int) -> np.ndarray:
    """Return (count, d) centroids of the training images after six Lloyd iterations.

    A mean lies among what it is the mean of; one that rounding took a millionth beyond is put back.
    Where there are fewer than twice as many images, half of them give the number of centroids: more
    would be copies of the images themselves.
    """
    images = dataset.images(dataset.train)
    clusters = min(count, len(images) // 2)
    model = KMeans(clusters, init="random", n_init=1, max_iter=LLOYD_ITERATIONS, random_state=seed)
    centres = model.fit(images).cluster_centers_.astype(np.float32)
    return centres.clip(images.min(), images.max())


METHODS: dict[str, tuple[str, Callable[[Dataset, int, int], np.ndarray]]] = {
    "training-images": ("Training images as samples", training_images),
    "kmeans": ("k-means centroids", kmeans_centroids),
}
