"""The deep GSN against the denoising auto-encoder that it contains, and its own recipe."""

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy

from gan_repro.baselines.chains import Chains
from gan_repro.baselines.gsn import Gsn, GsnLearner, GsnSpec, initial_weights, sample

RECIPE = {
    "kind": "gsn", "hidden": (6, 5), "walkback": 4, "salt_and_pepper": 0.4, "noise": 2.0,
    "learning_rate": 0.25, "learning_rate_decay": 0.995, "momentum": 0.5,
    "chains": Chains(count=1),
}  # fmt: skip


def spec(**changes) -> GsnSpec:
    return GsnSpec(**RECIPE | changes)


def make(of: GsnSpec, pixels: int = 8, seed: int = 0) -> tuple[Gsn, dict[str, torch.Tensor]]:
    start = torch.Generator().manual_seed(7)
    weights = {n: t.double() for n, t in initial_weights(of, pixels, start).items()}
    for name in ("b0", "b1", "b2"):
        weights[name].uniform_(-1, 1, generator=start)
    return Gsn(of, weights, torch.Generator().manual_seed(seed)), weights


IMAGES = torch.rand(10, 8, generator=torch.Generator().manual_seed(1)).double()


def test_one_update_is_a_tied_denoising_auto_encoder():
    gsn, w = make(spec(walkback=1))
    corrupted = make(spec(walkback=1))[0].corrupt(IMAGES)
    code = torch.tanh(corrupted @ w["w1"] + w["b1"])
    expected = binary_cross_entropy(torch.sigmoid(code @ w["w1"].T + w["b0"]), IMAGES)
    assert float(gsn.loss(IMAGES)) == pytest.approx(float(expected))


def test_the_walkback_loss_is_the_sum_over_updates_of_the_recipe():
    gsn, w = make(spec())
    chain, _ = make(spec())

    def noise() -> torch.Tensor:
        return torch.empty(10, 5).double().normal_(0, 2, generator=chain.rng)

    x, h2, expected = chain.corrupt(IMAGES), torch.zeros(10, 5).double(), 0.0
    for _ in range(4):
        h1 = torch.tanh(x @ w["w1"] + h2 @ w["w2"].T + w["b1"])
        means = torch.sigmoid(h1 @ w["w1"].T + w["b0"])
        expected += float(binary_cross_entropy(means, IMAGES))
        x = chain.corrupt(torch.bernoulli(means, generator=chain.rng))
        h2 = torch.tanh(h1 @ w["w2"] + w["b2"] + noise()) + noise()
    assert float(gsn.loss(IMAGES)) == pytest.approx(expected)


def test_the_loss_follows_the_chain_that_is_sampled():
    gsn, _ = make(spec())
    chain, _ = make(spec())
    state, expected = (chain.corrupt(IMAGES), None), 0.0
    for _ in range(4):
        state, means = chain.advance(state)
        expected += float(binary_cross_entropy(means, IMAGES))
    assert float(gsn.loss(IMAGES)) == pytest.approx(expected)


def test_the_gradient_reaches_both_matrices_and_the_top_bias():
    gsn, weights = make(spec())
    for tensor in weights.values():
        tensor.requires_grad_()
    gradients = torch.autograd.grad(gsn.loss(IMAGES), list(weights.values()))
    assert all(float(g.abs().max()) > 0 for g in gradients)


def test_salt_and_pepper_replaces_the_stated_share_by_zeros_and_ones():
    gsn, _ = make(spec())
    grey = torch.full((200, 500), 0.3)
    found = gsn.corrupt(grey)
    assert float((found == 0).float().mean()) == pytest.approx(0.2, abs=0.01)
    assert float((found == 1).float().mean()) == pytest.approx(0.2, abs=0.01)
    assert float((found == grey).float().mean()) == pytest.approx(0.6, abs=0.01)


def test_the_top_layer_is_noisy_before_and_after_its_tanh():
    gsn, weights = make(spec())
    weights["w2"].zero_()
    weights["b2"].fill_(0.5)
    draws = gsn.ascend(torch.zeros(40_000, 6).double())
    before = 0.5 + 2 * torch.randn(1_000_000, generator=torch.Generator().manual_seed(2))
    assert float(draws.var()) == pytest.approx(4 + float(torch.tanh(before).var()), abs=0.05)
    assert float(draws.mean()) == pytest.approx(float(torch.tanh(before).mean()), abs=0.02)


def test_weights_start_on_the_glorot_interval():
    weights = initial_weights(spec(hidden=(60, 40)), 100, torch.Generator().manual_seed(0))
    assert float(weights["w1"].abs().max()) == pytest.approx((6 / 160) ** 0.5, rel=0.01)
    assert float(weights["w2"].abs().max()) == pytest.approx((6 / 100) ** 0.5, rel=0.01)
    assert all(not weights[name].any() for name in ("b0", "b1", "b2"))


def test_the_update_is_the_authors_running_mean_with_a_rate_that_falls_per_epoch():
    learner = GsnLearner(spec(), IMAGES.float(), seed=0)
    expected = {n: t.detach().clone() for n, t in learner.parameters.items()}
    mean = {n: torch.zeros_like(t) for n, t in expected.items()}
    for step, epoch in enumerate([1, 1, 2]):
        state = learner.rng.get_state()
        loss = learner.gsn.loss(IMAGES.float())
        gradients = torch.autograd.grad(loss, list(learner.parameters.values()))
        learner.rng.set_state(state)
        learner.step((IMAGES.float(),), step, epoch)
        for name, gradient in zip(expected, gradients, strict=True):
            mean[name] = 0.5 * mean[name] + 0.5 * gradient
            expected[name] = expected[name] - 0.25 * 0.995 ** (epoch - 1) * mean[name]
    for name, tensor in expected.items():
        torch.testing.assert_close(learner.parameters[name].detach(), tensor)


def test_no_start_is_ever_a_sample():
    still = spec(salt_and_pepper=0.0, noise=0.0)
    _, weights = make(still)
    weights = {n: t.float() for n, t in weights.items()} | {"starts": IMAGES.float()}
    samples = sample(still, weights, 5, 0, torch.device("cpu"))
    h1 = torch.tanh(IMAGES[:1].float() @ weights["w1"] + weights["b1"])
    first = torch.sigmoid(h1 @ weights["w1"].T + weights["b0"])
    np.testing.assert_allclose(samples[:1], first.numpy(), rtol=1e-5)
