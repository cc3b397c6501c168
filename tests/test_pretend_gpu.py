"""The pretended GPU refuses what a real one refuses, and nothing else."""

import pytest
import torch
from pretend_gpu import GPU, pretend_gpu


@pytest.fixture(autouse=True)
def gpu():
    with pretend_gpu():
        yield


def there(*shape: int) -> torch.Tensor:
    return torch.rand(shape, device="cuda")


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: there(3) + torch.rand(3),
        lambda: torch.rand(3) * there(3),
        lambda: torch.rand(3).add_(there(3)),
        lambda: torch.rand(3)[there(3).long()],
        lambda: torch.stack([there(), torch.rand(())]),
        lambda: torch.cat([there(3).cpu(), there(3)]),
        lambda: torch.nn.Linear(3, 2)(there(1, 3)),
    ],
)
def test_tensors_of_two_devices_do_not_meet(mistake):
    with pytest.raises(RuntimeError, match="expected all tensors to be on the same device"):
        mistake()


def test_a_backward_pass_is_watched_too():
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            return x.clone()

        @staticmethod
        def backward(context, gradient):
            return gradient * torch.ones(3)

    x = there(3).requires_grad_()
    with pytest.raises(RuntimeError, match="mul: expected all tensors"):
        Wrong.apply(x).sum().backward()


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: torch.rand(3, generator=torch.Generator("cuda")),
        lambda: there(3).normal_(generator=torch.Generator()),
        lambda: torch.rand(3, device="cuda", generator=torch.Generator()),
    ],
)
def test_a_generator_draws_on_its_own_device(mistake):
    with pytest.raises(RuntimeError, match="expected a '.*' generator"):
        mistake()


@pytest.mark.parametrize(
    "mistake",
    [lambda: there(3).cumsum(0), lambda: there(3).multinomial(1), lambda: there(3).histc()],
)
def test_what_is_not_deterministic_there_is_refused(mistake):
    with pytest.raises(RuntimeError, match="does not have a deterministic implementation"):
        mistake()


def test_numpy_does_not_read_what_lies_there():
    with pytest.raises(TypeError, match="can't convert cuda"):
        there(3).numpy()
    assert there(3).cpu().numpy().shape == (3,)


def test_what_a_gpu_allows_is_allowed():
    rng = torch.Generator(GPU).manual_seed(0)
    layer = torch.nn.Linear(3, 2).to("cuda")
    x = torch.empty(4, 3, device=GPU).uniform_(generator=rng)
    loss = (layer(x) * torch.tensor(2.0)).square().mean()
    loss.backward()
    for tensor in (layer.weight, layer.weight.grad, x[torch.tensor([0, 2])], x.double(), x.T[:2],
                   torch.zeros_like(x), x.new_ones(2), torch.rand(2).to(x)):  # fmt: skip
        assert tensor.device == GPU
        assert tensor.is_cuda
    host = torch.zeros(4, 3)
    host.copy_(x)
    for tensor in (host, x.cpu(), x.to("cpu"), torch.rand(3), x.cpu() + 1):
        assert tensor.device.type == "cpu"
    assert torch.equal(host, x.cpu())
    assert loss.item() > 0


def test_a_copy_shares_no_memory_with_what_it_was_copied_from():
    host = torch.zeros(3)
    host.to("cuda").add_(1)
    assert not host.any()


def test_memory_that_is_taken_again_is_not_the_gpus_any_more():
    for _ in range(200):
        assert there(1000).is_cuda
        assert not torch.rand(1000).is_cuda


def captured(work) -> torch.cuda.CUDAGraph:
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph


def test_a_capture_changes_nothing_and_a_replay_does():
    total, count = torch.zeros(2, device="cuda"), torch.zeros(2, device="cuda")

    def work() -> None:
        count.add_(1)
        total.add_(count * 10)

    graph = captured(work)
    assert not total.any()
    assert not count.any()
    for _ in range(3):
        graph.replay()
    assert total.tolist() == [60, 60]


def test_a_replay_keeps_the_numbers_that_the_host_had():
    total, step = torch.zeros(1, device="cuda"), 1
    graph = captured(lambda: total.add_(step))
    step = 5
    graph.replay()
    assert total.item() == 1


def test_a_replay_draws_anew_where_the_generator_is():
    rng, expected = torch.Generator("cuda").manual_seed(4), torch.Generator().manual_seed(4)
    x, y = torch.zeros(2, 3, device="cuda")
    graph = torch.cuda.CUDAGraph()
    graph.register_generator_state(rng)
    with torch.cuda.graph(graph):
        x.uniform_(generator=rng)
        y.copy_(torch.rand(3, generator=rng, device="cuda"))
    for _ in range(2):
        graph.replay()
        for drawn in (x, y):
            assert torch.equal(drawn.cpu(), torch.rand(3, generator=expected))


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: there(1).item(),
        lambda: torch.rand(3).to("cuda"),
        lambda: there(3).cpu(),
        lambda: there(3).copy_(torch.rand(3)),
        lambda: there(3)[there(3) > 0.5],
    ],
)
def test_a_capture_does_not_wait_for_the_host(mistake):
    with pytest.raises(RuntimeError, match="not permitted when stream is capturing"):
        captured(mistake)
