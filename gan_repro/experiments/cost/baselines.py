"""What a step of the baselines costs: deep GSN, stacked CAE and DBN."""

from itertools import accumulate, pairwise
from operator import mul

from gan_repro.baselines.cae import CaeSpec
from gan_repro.baselines.dbn import DbnSpec, RbmLayerSpec
from gan_repro.baselines.gsn import GsnSpec
from gan_repro.experiments.cost.work import Work


def gsn_work(spec: GsnSpec, pixels: int, batch: int) -> Work:
    """Return the work of one training image: the unrolled chain, and back through it."""
    first, second = spec.hidden
    lower, upper, updates = pixels * first, first * second, spec.walkback
    # Forward an update goes up twice and down once in each matrix, and the last stops at pixels;
    # backward each product but that with the pixels comes again, and once for the gradient.
    products = 5 * updates * lower + (6 * updates - 5) * upper
    count = lower + upper + pixels + first + second
    values = 2 * updates * (2 * pixels + 2 * first + 3 * second)
    return Work({"the GSN": count}, products, values, count)


def cae_work(spec: CaeSpec, pixels: int, batch: int) -> Work:
    """Return the work of one training image, averaged over the epochs of the layers."""
    # Encode, decode, the error back, and two products for the tied gradient.
    return _stack_work("the CAE", spec, pixels, [5.0] * len(spec.layers))


def dbn_work(spec: DbnSpec, pixels: int, batch: int) -> Work:
    """Return the work of one training image, averaged over the epochs of the layers."""
    return _stack_work("the DBN", spec, pixels, [_rbm_passes(x, batch) for x in spec.layers])


def _rbm_passes(layer: RbmLayerSpec, batch: int) -> float:
    """Return products with an RBM's matrix per training image."""
    data, model = 2, 2 * layer.negative.steps + 1
    if layer.negative.chain == "cd":
        return data + model
    # A step moves all particles, however many images it sees, and first asks where they are.
    return data + (model + 1) * layer.negative.particles / batch


def _stack_work(name: str, spec: CaeSpec | DbnSpec, pixels: int, passes: list[float]) -> Work:
    widths = [pixels, *(layer.units for layer in spec.layers)]
    matrices = [below * above for below, above in pairwise(widths)]
    # While a layer learns, each image is encoded by those below.
    encoding = [0, *accumulate(matrices[:-1])]
    per_image = [sum(work) for work in zip(encoding, map(mul, passes, matrices), strict=True)]
    epochs = [layer.epochs for layer in spec.layers]
    count = sum(matrices) + sum(widths) + sum(widths[1:-1])
    products = sum(map(mul, epochs, per_image)) / spec.epochs
    return Work({name: count}, products, 10 * max(widths), count)
