"""The deep GSN against the denoising auto-encoder that it contains, and its own recipe."""

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy

from gan_repro.baselines.chains import Chains
from gan_repro.baselines.gsn import PARAMETERS, Gsn, GsnLearner, GsnSpec, initial_weights, sample

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
    leaves = [w[name].clone().requires_grad_() for name in ("w1", "b0", "b1")]
    code = torch.tanh(corrupted @ leaves[0] + leaves[2])
    loss = binary_cross_entropy(torch.sigmoid(code @ leaves[0].T + leaves[1]), IMAGES)
    (w1, w2, b0, b1, b2), found = gsn.gradients(IMAGES)
    torch.testing.assert_close(found, loss.detach()[None])
    for one, other in zip((w1, b0, b1), torch.autograd.grad(loss, leaves), strict=True):
        torch.testing.assert_close(one, other)
    assert not w2.any()
    assert not b2.any()


def walkback(chain: Gsn, w: dict[str, torch.Tensor], updates: int) -> torch.Tensor:
    """The loss, written down from the recipe and left to autograd."""

    def noise() -> torch.Tensor:
        return 2 * torch.empty(10, 5).double().normal_(generator=chain.rng)

    x, h2, total = chain.corrupt(IMAGES), torch.zeros(10, 5).double(), 0.0
    for update in range(updates):
        h1 = torch.tanh(x @ w["w1"] + h2 @ w["w2"].T + w["b1"])
        means = torch.sigmoid(h1 @ w["w1"].T + w["b0"])
        total = total + binary_cross_entropy(means, IMAGES)
        if update + 1 < updates:
            x = chain.feed_back(means.detach())
            h2 = torch.tanh(h1 @ w["w2"] + w["b2"] + noise()) + noise()
    return total


@pytest.mark.parametrize("updates", [2, 4])
def test_the_gradients_are_those_of_the_walkback_loss(updates):
    gsn, weights = make(spec(walkback=updates))
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
    loss = walkback(make(spec())[0], leaves, updates)
    gradients, found = gsn.gradients(IMAGES)
    torch.testing.assert_close(found, loss.detach()[None])
    expected = torch.autograd.grad(loss, [leaves[name] for name in PARAMETERS])
    for one, other in zip(gradients, expected, strict=True):
        torch.testing.assert_close(one, other)
        assert one.abs().max() > 0


def test_the_loss_follows_the_chain_that_is_sampled():
    gsn, _ = make(spec())
    chain, _ = make(spec())
    state, expected = chain.start(IMAGES), 0.0
    for _ in range(4):
        state, means = chain.advance(state)
        expected += float(binary_cross_entropy(means, IMAGES))
    assert float(gsn.gradients(IMAGES)[1]) == pytest.approx(expected)


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
    centres, draws = gsn.ascend(torch.zeros(40_000, 6).double())
    before = 0.5 + 2 * torch.randn(1_000_000, generator=torch.Generator().manual_seed(2))
    assert float(draws.var()) == pytest.approx(4 + float(torch.tanh(before).var()), abs=0.05)
    assert float(centres.var()) == pytest.approx(float(torch.tanh(before).var()), abs=0.02)
    assert float(draws.mean()) == pytest.approx(float(torch.tanh(before).mean()), abs=0.02)


def test_weights_start_on_the_glorot_interval():
    weights = initial_weights(spec(hidden=(60, 40)), 100, torch.Generator().manual_seed(0))
    assert float(weights["w1"].abs().max()) == pytest.approx((6 / 160) ** 0.5, rel=0.01)
    assert float(weights["w2"].abs().max()) == pytest.approx((6 / 100) ** 0.5, rel=0.01)
    assert all(not weights[name].any() for name in ("b0", "b1", "b2"))


def test_the_update_is_the_authors_running_mean_with_a_rate_that_falls_per_epoch():
    learner = GsnLearner(spec(), IMAGES.float(), seed=0)
    expected = {n: t.clone() for n, t in learner.parameters.items()}
    mean = {n: torch.zeros_like(t) for n, t in expected.items()}
    for step, epoch in enumerate([1, 1, 2]):
        state = learner.rng.get_state()
        gradients, _ = learner.gsn.gradients(IMAGES.float())
        learner.rng.set_state(state)
        learner.step((IMAGES.float(),), step, epoch)
        for name, gradient in zip(expected, gradients, strict=True):
            mean[name] = 0.5 * mean[name] + 0.5 * gradient
            expected[name] = expected[name] - 0.25 * 0.995 ** (epoch - 1) * mean[name]
    for name, tensor in expected.items():
        torch.testing.assert_close(learner.parameters[name], tensor)


def test_no_start_is_ever_a_sample():
    still = spec(salt_and_pepper=0.0, noise=0.0)
    _, weights = make(still)
    weights = {n: t.float() for n, t in weights.items()} | {"starts": IMAGES.float()}
    samples = sample(still, weights, 5, 0, torch.device("cpu"))
    h1 = torch.tanh(IMAGES[:1].float() @ weights["w1"] + weights["b1"])
    first = torch.sigmoid(h1 @ weights["w1"].T + weights["b0"])
    np.testing.assert_allclose(samples[:1], first.numpy(), rtol=1e-5)
