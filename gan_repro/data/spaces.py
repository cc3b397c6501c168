"""Model spaces: what the networks see of a dataset's raw pixels, and the Parzen grid that fits it.

``unit`` is pixels / maximum, in [0, 1]: MNIST and TFD. ``contrast`` is the global contrast
normalisation of the authors' CIFAR-10 scripts: each image minus its mean over all values, scaled to
Euclidean norm 55. Its values have no bounds and a root mean square of 55 / √3072 = 0.99.
"""

from typing import Literal

import numpy as np

Space = Literal["unit", "contrast"]

NORM = 55.0
# A constant image has norm zero and stays zero.
SMALLEST_DIVISOR = 1e-8
BLOCK = 1_000


def to_model_space(pixels: np.ndarray, space: Space, maximum: int) -> np.ndarray:
    """Return (n, d) float32 images of (n, d) raw pixels."""
    if space == "unit":
        return pixels.astype(np.float32) / np.float32(maximum)
    images = np.empty(pixels.shape, np.float32)
    for start in range(0, len(pixels), BLOCK):
        images[start : start + BLOCK] = contrast_normalised(pixels[start : start + BLOCK])
    return images


def contrast_normalised(images: np.ndarray) -> np.ndarray:
    """Return (n, d) float64: (x - mean x) / (‖x - mean x‖ / 55), image by image."""
    centred = images - images.mean(axis=1, keepdims=True, dtype=np.float64)
    divisor = np.linalg.norm(centred, axis=1, keepdims=True) / NORM
    return centred / np.where(divisor < SMALLEST_DIVISOR, 1, divisor)
