"""Signals of NCE and of the adversary against simulated gradients and the likelihood's own."""

import numpy as np
import pytest
from scipy.special import expit

from gan_repro.theory.games.contrastive_training import train_adversarially, train_nce
from gan_repro.theory.games.noise_contrastive import (
    Problem,
    adversarial_signal,
    nce_signal,
    own_noise_signal,
)

DRAWS = 100_000


def draws(problem, seed):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((DRAWS, problem.variables)) for _ in range(2)]


def judge(terms, signal):
    assert abs(terms.mean() - signal.mean) < 4 * signal.deviation / DRAWS**0.5
    assert terms.std() == pytest.approx(signal.deviation, rel=0.02)


@pytest.mark.parametrize("learned", [0, 1, 3])
def test_nce_signal_is_that_of_simulated_examples(learned):
    problem = Problem(learned, variables=5, shift=1.2, residual=0.3)
    data, noise = draws(problem, learned)
    noise = noise + problem.shift

    def log_ratio(x):
        """log p_model - log p_noise, all variables, from the two densities."""
        return (-((x - problem.means) ** 2) / 2 + (x - problem.shift) ** 2 / 2).sum(axis=1)

    last = problem.means[-1]
    terms = expit(-log_ratio(data)) * (data[:, -1] - last)
    terms = terms - expit(log_ratio(noise)) * (noise[:, -1] - last)
    judge(terms, nce_signal(problem))


@pytest.mark.parametrize("kind", ["minimax", "non_saturating"])
@pytest.mark.parametrize("learned", [0, 3])
def test_adversarial_signal_is_that_of_simulated_samples(learned, kind):
    problem = Problem(learned, variables=4, shift=0.8, residual=0.2)
    x = draws(problem, learned)[0] + problem.means
    logit = (-(x**2) / 2 + (x - problem.means) ** 2 / 2).sum(axis=1)  # of D*, eq. 2
    slope = -problem.means[-1]  # of the logit in x
    terms = (-expit(logit) if kind == "minimax" else -expit(-logit)) * slope
    # Descent of a loss is ascent of its negative, which is what a Signal reports.
    judge(-terms, adversarial_signal(problem, kind))


def test_with_its_own_model_for_noise_nce_has_half_the_gradient_of_the_likelihood():
    problem = Problem(3, variables=5, shift=1.5)
    data, model = draws(problem, 7)
    judge((data[:, -1] - problem.shift - model[:, -1]) / 2, own_noise_signal(problem))
    # Nothing learned: the fixed noise is the present model.
    assert nce_signal(Problem(0, shift=1.5)).mean == pytest.approx(own_noise_signal(problem).mean)


def test_examples_are_those_that_make_the_mean_a_standard_error():
    found = nce_signal(Problem(2, variables=4))
    assert found.deviation / found.examples**0.5 == pytest.approx(abs(found.mean))


def test_the_first_variables_are_those_learned():
    means = Problem(2, variables=5, shift=2.0, residual=0.1).means
    assert means.tolist() == [0.1, 0.1, 2.0, 2.0, 2.0]


PROBLEM = Problem(1, variables=3, shift=1.0)
SETTINGS = {"updates": 20, "rate": 0.2, "batch": 64, "runs": 3, "seed": 0}


@pytest.mark.parametrize("train", [train_nce, train_adversarially])
def test_training_moves_towards_the_data_and_is_reproducible(train):
    first, second = (train(PROBLEM, **SETTINGS) for _ in range(2))
    assert first.error.shape == (21, 3)
    np.testing.assert_allclose(first.error[0], 1.0)
    assert first.error[-1].mean() < 0.8
    np.testing.assert_array_equal(first.error, second.error)


def test_the_first_step_of_nce_is_its_signal():
    problem = Problem(1, variables=2, shift=1.0)
    runs = 400
    found = train_nce(problem, updates=1, rate=1.0, batch=100, runs=runs, seed=0)
    steps = (found.error[1] - found.error[0]) * problem.shift
    signal = nce_signal(problem)
    error = signal.deviation / (100 * runs) ** 0.5
    assert abs(steps.mean() - signal.mean) < 4 * error
    assert steps.std() == pytest.approx(signal.deviation / 10, rel=0.1)


def test_a_refreshed_noise_is_the_present_model():
    """With a new noise at each update the signal stays half of the likelihood's."""
    problem = Problem(1, variables=2, shift=1.0)
    found = train_nce(problem, updates=2, rate=0.5, batch=500, runs=200, seed=1, refresh=1)
    mean = found.error.mean(axis=1)
    assert mean[1] / mean[0] == pytest.approx(0.75, abs=0.01)
    assert mean[2] / mean[1] == pytest.approx(0.75, abs=0.01)
    fixed = train_nce(problem, updates=2, rate=0.5, batch=500, runs=200, seed=1)
    assert fixed.error[1].mean() > mean[1] + 0.05


def test_the_partition_parameter_stays_where_the_model_is_normalised():
    """The optimum has the data's mean and c = 0, fresh samples keep it near."""
    problem = Problem(1, variables=2, shift=1.0, residual=0.0)
    found = train_nce(problem, updates=400, rate=0.1, batch=200, runs=4, seed=0)
    assert found.partition.shape == (401, 4)
    assert np.abs(found.partition[-1]).max() < 0.15
    assert np.abs(found.partition[1]).max() > 0


def test_every_example_is_counted():
    nce = train_nce(PROBLEM, **SETTINGS)
    assert nce.examples.tolist() == [2 * 64 * update for update in range(21)]
    game = train_adversarially(PROBLEM, k=2, **SETTINGS)
    # k minibatches of data and k of samples for D, and one of samples for G.
    assert game.examples.tolist() == [5 * 64 * update for update in range(21)]
