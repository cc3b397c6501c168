"""A classifier of real images, which says what samples show."""

import numpy as np
from sklearn.svm import SVC

from gan_repro.data.dataset import Dataset

# The penalty that scikit-learn's own example on these digits leaves at its default, tenfold; on
# MNIST such a machine errs on about 2 % of the test images with these many training images.
PENALTY = 10.0
TRAINING_IMAGES = 10_000


class Recogniser:
    """A support-vector machine with a Gaussian kernel, trained on real training images.

    It never sees a generated image, and no generator sees it.
    """

    def __init__(self, dataset: Dataset) -> None:
        rows = dataset.train[:TRAINING_IMAGES]
        machine = SVC(C=PENALTY, gamma="scale", cache_size=500)
        self.machine = machine.fit(dataset.images(rows), dataset.labels[rows])
        self.classes = dataset.classes

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the (n,) classes of (n, d) images."""
        return self.machine.predict(images)
