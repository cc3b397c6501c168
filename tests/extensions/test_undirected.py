"""log Z, and likelihoods by it, against sums over the states of machines of a few units."""

import itertools
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gan_repro.baselines.rbm import Rbm
from gan_repro.config.extensions import Entry
from gan_repro.extensions import undirected
from gan_repro.extensions.boltzmann import (
    exactly,
    fit_with,
    frequencies,
    likelihood,
    relaxation,
)
from gan_repro.extensions.extension import Context
from gan_repro.extensions.undirected import UndirectedOptions

CPU = torch.device("cpu")
OPTIONS = UndirectedOptions(
    hidden=2, hidden_deep=(2, 2), steps=15, transitions=(1, 3), temperatures=30, chains=100,
    repeats=3,
)  # fmt: skip
DEPTH, WIDTHS = 3, (4, 5, 4, 3)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def layer(inputs: int, units: int, seed: int) -> dict[str, torch.Tensor]:
    draws = rng(seed)
    shapes = {"weight": (inputs, units), "visible": (inputs,), "hidden": (units,)}
    return {name: torch.randn(*shape, generator=draws) for name, shape in shapes.items()}


LAYERS = [layer(*WIDTHS[number : number + 2], seed=number) for number in range(DEPTH)]


def states(size: int) -> np.ndarray:
    return np.array(list(itertools.product((0, 1), repeat=size)), dtype=float)


def log_z(weights: dict[str, torch.Tensor]) -> float:
    """Return the log of the sum over every pair of states."""
    w, b, c = (weights[name].double().numpy() for name in ("weight", "visible", "hidden"))
    pairs = itertools.product(states(len(b)), states(len(c)))
    return math.log(sum(math.exp(v @ w @ h + v @ b + h @ c) for v, h in pairs))


@pytest.fixture
def context(tiny, monkeypatch) -> Context:
    """A DBN of three layers on 2 × 2 images."""
    tensors = {f"{k}.{n}": part for k, made in enumerate(LAYERS) for n, part in made.items()}
    model = SimpleNamespace(layers=LAYERS)
    run = SimpleNamespace(experiment=SimpleNamespace(model=model), tensors=tensors)
    monkeypatch.setattr(Context, "restored", lambda self, role, seed: run)
    return Context("undirected", tiny, Entry(experiments={"dbn": "dbn"}), Path(), CPU)


def test_codes_of_the_training_images_have_the_density_of_the_upper_layer(context):
    found = undirected._full_size(context, OPTIONS)
    truth = log_z(LAYERS[-1])
    name = "upper RBM of the DBN"
    assert found[f"log Z/{name}/AIS"].value == pytest.approx(truth, abs=0.1)
    assert found[f"log Z/{name}, four times the temperatures/AIS"].value == pytest.approx(
        truth, abs=0.1
    )
    assert found[f"units/{name}"].value == WIDTHS[-2] + WIDTHS[-1]
    code = context.train.double().numpy()
    for below in LAYERS[:-1]:
        code = 1 / (1 + np.exp(-(code @ below["weight"].numpy() + below["hidden"].numpy())))
    w, b, c = (LAYERS[-1][part].double().numpy() for part in ("weight", "visible", "hidden"))
    densities = [
        math.log(sum(math.exp(v @ w @ h + v @ b + h @ c) for h in states(WIDTHS[-1]))) - truth
        for v in code
    ]
    assert found[f"log p/{name}"].value == pytest.approx(np.mean(densities), abs=0.1)


def test_without_couplings_no_annealing_is_needed(context):
    """log Z is (d + units) log 2, and every code has 2⁻ᵈ."""
    for part in LAYERS[-1]:
        context.restored("dbn", 0).tensors[f"{DEPTH - 1}.{part}"] = 0 * LAYERS[-1][part]
    found = undirected._full_size(context, OPTIONS)
    expected = sum(WIDTHS[-2:]) * math.log(2)
    assert found["log Z/upper RBM of the DBN/AIS"].value == pytest.approx(expected, rel=1e-5)
    density = found["log p/upper RBM of the DBN"]
    assert density.value == pytest.approx(-WIDTHS[-2] * math.log(2), rel=1e-5)
    assert density.high - density.low == pytest.approx(0, abs=1e-5)


BITS = (torch.rand(200, 3, generator=rng(8)) < torch.tensor([0.2, 0.5, 0.9])).double()
BITS[:, 1] = (BITS[:, 0] + BITS[:, 2]) % 2


def test_what_a_gradient_loses_is_told_from_the_exact_one(context):
    found, rbm = undirected._gradients(context, OPTIONS, frequencies(BITS))
    values = {name: measure.value for name, measure in found.items()}
    best = values["likelihood/exact gradient"]
    assert best == pytest.approx(likelihood(rbm, frequencies(BITS)))
    ways = [name.removeprefix("lost/") for name in values if name.startswith("lost/")]
    assert set(ways) == {
        "exact gradient", "CD-1", "CD-3", "mean field, no chain", "no gradient of log Z"
    }  # fmt: skip
    for way in ways:
        assert values[f"lost/{way}"] == pytest.approx(best - values[f"likelihood/{way}"])
    assert values["lost/exact gradient"] == 0
    assert values["lost/no gradient of log Z"] > 0.3


def test_independent_bits_have_the_likelihood_of_their_own_frequencies(context):
    found, _ = undirected._gradients(context, OPTIONS, frequencies(BITS))
    shares = BITS.numpy().mean(axis=0)
    each = [np.log(np.where(row, shares, 1 - shares)).sum() for row in BITS.numpy()]
    assert found["likelihood/independent bits"].value == pytest.approx(np.mean(each))


def test_the_error_of_ais_is_its_distance_from_the_sum_over_states(context, monkeypatch):
    monkeypatch.setattr(undirected, "coarse_bits", lambda dataset: BITS)
    monkeypatch.setattr(undirected, "broken_properties", lambda rbm, rng: {})
    values = {n: m.value for n, m in undirected.measure(context, OPTIONS).measures.items()}
    rbm = fit_with(exactly, frequencies(BITS), OPTIONS.hidden, OPTIONS.steps, context.rng("rbm"))
    parts = {name: getattr(rbm, name) for name in ("weight", "visible", "hidden")}
    truth, estimate = log_z(parts), values["log Z/small RBM/AIS"]
    assert values["log Z/small RBM/exact"] == pytest.approx(truth)
    assert estimate == pytest.approx(truth, abs=0.1)
    assert values["log Z/small RBM/error of AIS"] == pytest.approx(abs(estimate - truth))
    # An untrained machine is one of small weights, whose chain forgets sooner.
    tenth = Rbm({name: part / 10 for name, part in parts.items()})
    assert values["relaxation/untrained"] == pytest.approx(relaxation(tenth))
    assert values["relaxation/trained"] == pytest.approx(relaxation(rbm))
    assert values["relaxation/untrained"] < values["relaxation/trained"]
