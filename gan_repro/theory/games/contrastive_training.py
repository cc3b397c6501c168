"""Training on the problem of `noise_contrastive`: by NCE, by a sequence of models, by a game."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import expit

from gan_repro.adversarial.game import Recipe
from gan_repro.adversarial.objective import GeneratorLoss
from gan_repro.networks.specs import Dense, Discriminator, Generator, Noise
from gan_repro.theory.games.noise_contrastive import Problem
from gan_repro.theory.games.small import SmallGame


@dataclass(frozen=True)
class Learning:
    """How a model learned the means that were left.

    Attributes:
        error: (updates + 1, runs) mean of δ over the variables not learned, as a part of Δ.
        examples: (updates + 1,) examples used so far, of data and of noise or samples.
        partition: (updates + 1, runs) of NCE's log-partition parameter; 0 where it is right.
    """

    error: np.ndarray
    examples: np.ndarray
    partition: np.ndarray


def train_nce(
    problem: Problem,
    *,
    updates: int,
    rate: float,
    batch: int,
    runs: int,
    seed: int,
    refresh: int | None = None,
) -> Learning:
    """Train all means and the log-partition parameter c by NCE on fresh samples.

    The noise stays what it was, or becomes the present model every ``refresh`` updates: a sequence
    of models. The unnormalised model is exp(c) N(x; δ, I), normalised at c = 0.
    """
    rng = np.random.default_rng(seed)
    delta, c = np.tile(problem.means, (runs, 1)), np.zeros(runs)
    noise = np.full_like(delta, problem.shift)
    path = [(delta[:, problem.learned :].mean(axis=1), c)]
    for update in range(updates):
        if refresh and update % refresh == 0:
            noise, c = delta, np.zeros(runs)
        slope, slope_c = 0.0, 0.0
        for centre, sign in ((np.zeros_like(noise), 1), (noise, -1)):
            x = centre[:, None] + rng.standard_normal((runs, batch, problem.variables))
            ratio = ((x - noise[:, None]) ** 2 - (x - delta[:, None]) ** 2).sum(axis=2) / 2
            weight = expit(-sign * (c[:, None] + ratio))
            slope = slope + sign * (weight[..., None] * (x - delta[:, None])).mean(axis=1)
            slope_c = slope_c + sign * weight.mean(axis=1)
        delta, c = delta + rate * slope, c + rate * slope_c
        path.append((delta[:, problem.learned :].mean(axis=1), c))
    errors, partitions = (np.array(part) for part in zip(*path, strict=True))
    return Learning(errors / problem.shift, 2 * batch * np.arange(updates + 1), partitions)


def train_adversarially(
    problem: Problem,
    *,
    updates: int,
    rate: float,
    batch: int,
    runs: int,
    seed: int,
    k: int = 5,
    kind: GeneratorLoss = "non_saturating",
) -> Learning:
    """Train a linear G on the same data by Algorithm 1; what trains D is counted as used.

    G starts as the model does; D is one sigmoid unit, which contains the D* of a shift.
    """
    d = problem.variables
    played = SmallGame(
        lambda count, rng: torch.randn(count, d, generator=rng, dtype=torch.float64),
        d,
        Generator(
            noise=Noise(distribution="gaussian", size=d),
            layers=(Dense(type="linear", units=d, irange=1.0),),
        ),
        Discriminator(layers=(Dense(type="sigmoid", units=1, irange=0.01),)),
        Recipe(update="alternating", discriminator_steps=k, generator_loss=kind),
        seed=seed,
        batch=batch,
        replicas=runs,
    )
    weights, biases = played.game.generator.parameters()
    with torch.no_grad():
        weights.copy_(torch.eye(d, dtype=torch.float64).expand_as(weights))
        biases.copy_(torch.from_numpy(problem.means).expand_as(biases))

    def error() -> np.ndarray:
        return biases.detach()[:, 0, problem.learned :].mean(dim=1).numpy() / problem.shift

    path = [error()]
    for _ in range(updates):
        played.play(rate)
        path.append(error())
    used = (2 * k + 1) * batch * np.arange(updates + 1)
    return Learning(np.array(path), used, np.zeros((updates + 1, runs)))
