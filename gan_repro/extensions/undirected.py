"""Table 2, deep undirected models: the gradient by Markov chains, variational inference, AIS.

Exactly where states can be enumerated, on coarse bits of the images; and AIS at full size, in the
upper RBM of a trained DBN.
"""

import torch
from pydantic import PositiveInt
from torch import Tensor

from gan_repro.baselines.greedy import layer_weights
from gan_repro.baselines.partition import ais, binary_states, log_partition
from gan_repro.baselines.rbm import Rbm
from gan_repro.config.schema import Spec
from gan_repro.extensions.boltzmann import (
    by_chains,
    by_mean_field,
    coarse_bits,
    exactly,
    fit_dbm,
    fit_with,
    frequencies,
    likelihood,
    mean_field,
    relaxation,
    without_model,
)
from gan_repro.extensions.broken_properties import broken_properties
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.records import Measure, Numbers, Several, average, exact

# Of the images whose posteriors are compared.
IMAGES = 1_000


class UndirectedOptions(Spec):
    """Options.

    Attributes:
        hidden: units of the small RBM.
        hidden_deep: units of the two hidden layers of the small DBM.
        steps: of Adam on their exact likelihoods.
        transitions: of the chains in the gradient, one fit for each.
        temperatures: of AIS.
        chains: of AIS.
        repeats: independent AIS estimates.
    """

    hidden: PositiveInt = 8
    hidden_deep: tuple[PositiveInt, PositiveInt] = (6, 4)
    steps: PositiveInt = 300
    transitions: Numbers = (1, 10)
    temperatures: PositiveInt = 500
    chains: Several = 100
    repeats: Several = 5


def measure(context: Context, options: UndirectedOptions) -> Findings:
    """Measure what chains, variational inference and AIS approximate, against exact sums."""
    bits = coarse_bits(context.dataset)
    data = frequencies(bits)
    measures, rbm = _gradients(context, options, data)
    measures["relaxation/untrained"] = exact(relaxation(_scaled(rbm, 0.1)), "transitions")
    measures["relaxation/trained"] = exact(relaxation(rbm), "transitions")
    measures |= _annealed("small RBM", rbm, options, context.rng("small AIS"))
    truth, found = log_partition(rbm), measures["log Z/small RBM/AIS"].value
    measures["log Z/small RBM/exact"] = exact(truth, "nats")
    measures["log Z/small RBM/error of AIS"] = exact(abs(found - truth), "nats")
    measures |= _inference(context, options, data, bits)
    measures |= _full_size(context, options)
    measures |= broken_properties(rbm, context.rng("properties"))
    return Findings(measures)


def _gradients(
    context: Context, options: UndirectedOptions, data: Tensor
) -> tuple[dict[str, Measure], Rbm]:
    """Return the exact likelihood that each kind of gradient leads to, and the exact one's RBM."""
    ways = {
        "exact gradient": exactly,
        **{f"CD-{k}": by_chains(k) for k in options.transitions},
        "mean field, no chain": by_mean_field,
        "no gradient of log Z": without_model,
    }
    fitted = {
        way: fit_with(negative, data, options.hidden, options.steps, context.rng("rbm"))
        for way, negative in ways.items()
    }
    reached = {way: likelihood(rbm, data) for way, rbm in fitted.items()}
    states = binary_states(len(data).bit_length() - 1)
    means = (data @ states).clamp(1e-6, 1 - 1e-6)
    alone = states @ means.log() + (1 - states) @ (1 - means).log()
    found = {f"likelihood/{way}": exact(value, "nats") for way, value in reached.items()}
    found["likelihood/independent bits"] = exact(float(data @ alone), "nats")
    best = reached["exact gradient"]
    found |= {f"lost/{way}": exact(best - value, "nats") for way, value in reached.items()}
    return found, fitted["exact gradient"]


def _annealed(
    name: str, rbm: Rbm, options: UndirectedOptions, rng: torch.Generator
) -> dict[str, Measure]:
    """Return log Z by AIS with an interval over independent estimates."""
    found = [
        ais(rbm, options.temperatures, options.chains, rng).log_z for _ in range(options.repeats)
    ]
    return {f"log Z/{name}/AIS": average(found, "AIS estimates", "nats")}


def _inference(
    context: Context, options: UndirectedOptions, data: Tensor, bits: Tensor
) -> dict[str, Measure]:
    """Return how far mean field is from the exact posterior of the small DBM."""
    dbm, reached = fit_dbm(data, options.hidden_deep, options.steps, context.rng("dbm"))
    found = mean_field(dbm, bits[:IMAGES])
    return {
        "dbm/likelihood": exact(reached, "nats"),
        "dbm/gap of mean field": average(found.gap.tolist(), "images", "nats"),
        "dbm/largest error of a marginal": average(found.error.tolist(), "images"),
        "dbm/rounds": exact(found.rounds),
    }


def _full_size(context: Context, options: UndirectedOptions) -> dict[str, Measure]:
    """Return AIS in the upper RBM of the DBN: log Z, and its mean log p of training codes."""
    run = context.restored("dbn", context.entry.seeds[0])
    depth = len(run.experiment.model.layers)
    lower = [Rbm(layer_weights(run.tensors, number)) for number in range(depth - 1)]
    top, codes = Rbm(layer_weights(run.tensors, depth - 1)), context.train.cpu()
    for layer in lower:
        codes = layer.hidden_logits(codes).sigmoid()
    rng = context.rng("full AIS")
    found = _annealed("upper RBM of the DBN", top, options, rng)
    twice = options.model_copy(update={"temperatures": 4 * options.temperatures, "repeats": 2})
    check = _annealed("upper RBM of the DBN, four times the temperatures", top, twice, rng)
    log_z = found["log Z/upper RBM of the DBN/AIS"].value
    units = len(top.visible) + len(top.hidden)
    density = (-top.free_energy(codes) - log_z).double()
    return (
        found
        | check
        | {
            "units/upper RBM of the DBN": exact(units),
            "log p/upper RBM of the DBN": average(density.tolist(), "training codes", "nats"),
        }
    )


def _scaled(rbm: Rbm, factor: float) -> Rbm:
    return Rbm({n: factor * getattr(rbm, n) for n in ("weight", "visible", "hidden")})


EXTENSION = Extension("Table 2, deep undirected graphical models", UndirectedOptions, measure)
