"""The VAE against closed forms: its bound, its gradient, and the loop it is trained in."""

import math

import numpy as np
import pytest
import torch
from harness import IMAGES, Killed, finish, make_training
from scipy import integrate, stats

from gan_repro.baselines.vae import VaeLearner
from gan_repro.baselines.vae_model import Vae, VaeSpec, log_gaussian, restore_vae
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.systems import system
from gan_repro.networks.build import build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start
from gan_repro.training.adam import AdamDescent
from gan_repro.training.plan import Plan
from gan_repro.training.tensors import load_tensors

SLOPE, OFFSET, DEVIATION = 0.8, 0.3, 0.5
X = torch.tensor([[0.1], [0.9], [-1.2]], dtype=torch.float64)
# Of x = 0.8 z + 0.3 + 0.5 ε: the evidence, and the posterior N(m(x), v).
EVIDENCE = stats.norm(OFFSET, math.hypot(SLOPE, DEVIATION)).logpdf(X.numpy())[:, 0]
VARIANCE = 1 / (1 + SLOPE**2 / DEVIATION**2)
GAIN = VARIANCE * SLOPE / DEVIATION**2


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def affine(weight: list[float], bias: list[float], inputs: int = 1):
    """Return one linear layer with given weights, float64."""
    layer = Dense(type="linear", units=len(bias), irange=1.0)
    network = build_stack((layer,), inputs, Start(rng())).double()
    matrix, offset = network.parameters()
    with torch.no_grad():
        matrix.copy_(torch.tensor(weight, dtype=torch.float64).view(matrix.shape))
        offset.copy_(torch.tensor(bias, dtype=torch.float64))
    return network


def linear_vae(gain: float, log_variance: float) -> Vae:
    """Return the model above with the encoder N(gain·(x − offset), e^log_variance)."""
    encoder = affine([gain, 0.0], [-gain * OFFSET, log_variance])
    decoder = affine([SLOPE], [OFFSET])
    return Vae(encoder, decoder, torch.tensor([math.log(DEVIATION)], dtype=torch.float64))


def mean_bound(vae: Vae, draws: int = 200_000) -> np.ndarray:
    with torch.no_grad():
        rows = X.repeat(draws, 1)
        noise = torch.randn(len(rows), 1, generator=rng(1), dtype=torch.float64)
        reconstruction, kl = vae.bound(rows, noise)
    return (reconstruction - kl).view(draws, -1).mean(dim=0).numpy()


def test_the_bound_is_the_evidence_where_the_encoder_is_the_posterior():
    np.testing.assert_allclose(
        mean_bound(linear_vae(GAIN, math.log(VARIANCE))), EVIDENCE, atol=0.01
    )


@pytest.mark.parametrize("encoder", [(0.2, 0.0), (GAIN, math.log(VARIANCE) + 1), (1.5, -2.0)])
def test_elsewhere_the_bound_is_the_integral_over_z_and_below(encoder):
    """∫ q(z) log (p(x, z) / q(z)) dz by quadrature."""
    gain, log_variance = encoder
    expected = []
    for value in X[:, 0].tolist():
        q = stats.norm(gain * (value - OFFSET), math.exp(log_variance / 2))

        def integrand(z, value=value, q=q):
            joint = stats.norm.logpdf(z) + stats.norm.logpdf(value, SLOPE * z + OFFSET, DEVIATION)
            return q.pdf(z) * (joint - q.logpdf(z))

        middle, width = q.mean(), 12 * q.std()
        expected.append(integrate.quad(integrand, middle - width, middle + width)[0])
    found = mean_bound(linear_vae(*encoder))
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert (found < EVIDENCE - 0.02).all()


def test_log_gaussian_is_scipys():
    x, mean = np.random.default_rng(0).normal(size=(2, 4, 3))
    found = log_gaussian(torch.from_numpy(x), torch.from_numpy(mean), torch.tensor(0.4))
    np.testing.assert_allclose(
        found, stats.norm(mean, math.exp(0.2)).logpdf(x).sum(axis=1), rtol=1e-6
    )


def test_adam_takes_the_steps_of_torchs():
    """Beside an independent implementation, on a quadratic, for every state of the average."""
    target = torch.randn(6, generator=rng(3), dtype=torch.float64)
    ours = torch.zeros(6, dtype=torch.float64, requires_grad=True)
    theirs = torch.zeros(6, dtype=torch.float64, requires_grad=True)
    mine, reference = AdamDescent([ours], 0.05), torch.optim.Adam([theirs], 0.05)
    for _ in range(25):
        mine.descend((ours - target).pow(4).sum())
        reference.zero_grad()
        (theirs - target).pow(4).sum().backward()
        reference.step()
        torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-9)
    assert (ours - target).abs().max() < target.abs().max()


def spec() -> VaeSpec:
    """The demo's VAE, narrower."""
    found = load_experiment("digits_vae")[1].model
    hidden = {"type": "relu", "units": 12, "irange": 0.3}
    return VaeSpec(
        kind="vae",
        encoder=[hidden, {"type": "linear", "units": 8, "irange": 0.1}],
        decoder={
            "noise": {"distribution": "gaussian", "size": 4},
            "layers": [hidden, {"type": "sigmoid", "units": 64, "irange": 0.3}],
        },
        deviation=found.deviation,
        learning_rate=0.01,
    )


PLAN = Plan(epochs=3, batch_size=16, select="last", validate_every=1, validate_samples=20)


@pytest.mark.parametrize("steps", [[1], [4, 9], list(range(1, 12))])
def test_a_killed_run_ends_with_the_bytes_of_an_unbroken_one(tmp_path, steps):
    expected = finish(make_training(tmp_path / "unbroken", spec(), PLAN))
    for step in steps:
        with pytest.raises(Killed):
            make_training(tmp_path / "broken", spec(), PLAN, stop_at=step).run()
    assert finish(make_training(tmp_path / "broken", spec(), PLAN)) == expected


def test_saved_weights_draw_what_the_learner_draws(tmp_path):
    run = make_training(tmp_path, spec(), PLAN)
    finish(run)
    weights, _ = load_tensors(run.folder.weights)
    found = system("vae").sample(spec(), weights, 30, 9, torch.device("cpu"))
    assert found.shape == (30, 64)
    np.testing.assert_array_equal(found, run.learner.sample(30, 9))
    assert not np.array_equal(found, run.learner.sample(30, 10))


def test_training_raises_the_bound_and_restores_whole():
    learner = VaeLearner(spec(), IMAGES, 0)
    bounds = [learner.step((IMAGES,), step, 1)[0].item() for step in range(60)]
    assert np.mean(bounds[-5:]) > np.mean(bounds[:5]) + 0.5
    again = restore_vae(spec(), learner.weights())
    noise = torch.randn(len(IMAGES), 4, generator=rng(2))
    for ours, theirs in zip(
        again.bound(IMAGES, noise), learner.vae.bound(IMAGES, noise), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def test_the_schema_refuses_halves_that_do_not_fit():
    content = spec().model_dump()
    content["encoder"][-1]["units"] = 7
    with pytest.raises(ValueError, match="8 linear units"):
        VaeSpec(**content)
    content = spec().model_dump()
    content["decoder"]["noise"]["distribution"] = "uniform"
    with pytest.raises(ValueError, match="gaussian"):
        VaeSpec(**content)
