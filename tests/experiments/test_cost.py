"""Costs against PyTorch's own counter, against what is allocated, and against patience."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.config.experiments import known_experiments
from gan_repro.data.dataset import save
from gan_repro.data.embedded import read_digits
from gan_repro.errors import UserError
from gan_repro.experiments import cost as costs
from gan_repro.experiments.cost import announce, check, estimate
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.run import train
from gan_repro.experiments.speed import Hours
from gan_repro.experiments.systems import system
from gan_repro.training.runs import RunFolder

CPU, GPU = torch.device("cpu"), torch.device("cuda")
PIXELS = {
    "digits": 64, "faces": 625, "patches": 3072, "tfd": 2304, "lfw": 2304, "cifar10": 3072
}  # fmt: skip


def counter() -> FlopCounterMode:
    """PyTorch's counter, with the product that it forgets."""
    in_place = {torch.ops.aten.addmm_: lambda _, a, b, **rest: 2 * a[0] * a[1] * b[1]}
    return FlopCounterMode(display=False, custom_mapping=in_place)


@pytest.mark.parametrize(
    "name",
    ["digits_authors", "digits_algorithm1", "faces_stage1", "faces_stage2", "patches_full",
     "patches_conv", "digits_gsn"],
)  # fmt: skip
def test_operations_are_those_that_pytorch_counts(name):
    experiment = load_experiment(name)[1]
    pixels = PIXELS[experiment.dataset]
    images = torch.rand(16, pixels)
    learner = system(experiment.model.kind).learner(experiment.model, images, 0)
    with counter() as found:
        learner.step((images,), 0, 1)
    assert estimate(experiment, 16, pixels).flop_per_image * 16 == found.get_total_flops()


@pytest.mark.parametrize("name", ["digits_cae", "digits_dbn", "mnist_dbn_pcd"])
def test_operations_of_a_stack_are_those_of_its_layers_each_for_its_epochs(name):
    experiment = load_experiment(name)[1]
    batch = experiment.plan.batch_size
    images, counted = torch.rand(batch, 64), 0
    learner = system(experiment.model.kind).learner(experiment.model, images, 0)
    epoch = 0
    for layer in experiment.model.layers:
        with counter() as found:
            learner.step((images,), 0, epoch + 1)
        counted += layer.epochs * found.get_total_flops()
        epoch += layer.epochs
    # The penalty of the CAE is a product of a matrix with a vector, which is not counted.
    assert estimate(experiment, batch, 64).flop == pytest.approx(counted, rel=0.01)


@pytest.mark.parametrize("kind", ["gsn", "cae", "dbn", "authors"])
def test_parameters_are_those_of_the_learner(kind):
    experiment = load_experiment(f"mnist_{kind}")[1]
    images = torch.rand(100, 784)
    learner = system(experiment.model.kind).learner(experiment.model, images, 0)
    extra = ("velocity", "mean", "depth", "particles")
    held = sum(t.numel() for n, t in learner.tensors().items() if not n.endswith(extra))
    cost = estimate(experiment, 100, 784)
    assert sum(cost.parameters.values()) == held
    assert cost.memory > sum(t.nbytes for t in learner.tensors().values())


def test_k_steps_of_the_discriminator_share_one_of_the_generator():
    experiment = load_experiment("digits_algorithm1")[1]
    recipe = experiment.model.recipe.model_copy(update={"discriminator_steps": 3})
    model = experiment.model.model_copy(update={"recipe": recipe})
    images = torch.rand(16, 64)
    learner = AdversarialLearner(model, images, seed=0)
    with counter() as found:
        learner.step((images,) * 3, 0, 1)
    thrice = experiment.model_copy(update={"model": model})
    assert estimate(thrice, 48, 64).flop_per_image * 48 == pytest.approx(found.get_total_flops())


def test_memory_bounds_what_a_training_holds_without_waste():
    experiment = load_experiment("patches_conv")[1]
    batch = experiment.plan.batch_size
    images = torch.rand(200, 3072)
    learner = AdversarialLearner(experiment.model, images, seed=0)
    held = sum(t.nbytes for t in learner.tensors().values()) + images.nbytes
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: saved.append((t.untyped_storage().data_ptr(), t.nbytes)) or t, lambda t: t
    ):
        learner.step((images[:batch],), 0, 1)
    held += sum(dict(saved).values())
    assert held < estimate(experiment, 200, 3072).memory < 4 * held


def test_epochs_and_images_multiply():
    experiment = load_experiment("mnist_authors")[1]
    one, ten = (estimate(experiment.with_epochs(n), 50_000, 784) for n in (1, 10))
    assert ten.flop == 10 * one.flop == 10 * one.flop_per_image * 50_000


def test_disk_holds_what_a_run_leaves(tmp_path):
    save(read_digits("digits", "digits", tmp_path), tmp_path / "digits.npz")
    experiment = load_experiment("digits_authors")[1].with_epochs(20)
    folder = RunFolder(tmp_path / "run")
    train("digits_authors", experiment, 0, tmp_path, folder, CPU)
    left = folder.checkpoint.stat().st_size + folder.weights.stat().st_size
    left += 4 * experiment.plan.validate_samples * 64
    assert estimate(experiment, 1257, 64).disk == pytest.approx(left, rel=0.05)


def test_mnist_is_never_stopped_however_slow_the_machine():
    cost = estimate(load_experiment("mnist_authors")[1], 50_000, 784)
    line = check(cost, Hours(900, 1_000), "mnist_authors", CPU, allow_cpu=False)
    assert line == "900.0 to 1000.0 hours on this cpu"


@pytest.mark.parametrize(
    "name", ["tfd_stage1", "tfd_stage2", "lfw_stage1", "cifar10_full", "cifar10_conv"]
)
def test_big_models_stop_without_a_gpu_and_name_the_ways_on(name):
    cost = estimate(load_experiment(name)[1], 98_058, PIXELS[name.partition("_")[0]])
    hours = Hours(40, 50)
    with pytest.raises(UserError, match=r"40\.0 to 50\.0 hours on this cpu") as caught:
        check(cost, hours, name, CPU, allow_cpu=False)
    for way in ("GPU", "--allow-cpu", "config/cpu.yaml", "make demo"):
        assert way in str(caught.value)
    assert check(cost, hours, name, CPU, allow_cpu=True)
    assert check(cost, hours, name, GPU, allow_cpu=False)


def test_a_few_minutes_of_a_big_model_are_no_reason_to_stop():
    cost = estimate(load_experiment("cifar10_full")[1].with_epochs(1), 40_000, 3072)
    line = check(cost, Hours(0.05, 0.06), "cifar10_full", CPU, allow_cpu=False)
    assert line == "3.0 to 3.6 minutes on this cpu"


def test_every_experiment_says_what_it_costs(tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "measure", lambda *arguments: Hours(1, 2))
    for known in known_experiments():
        name, experiment = load_experiment(known)
        lines = announce(name, experiment, tmp_path, CPU, allow_cpu=True)
        assert "parameters" in lines[0]
        short = estimate(experiment, *costs.data_size(experiment.dataset, tmp_path)).flop < 1e12
        assert (len(lines) == 1) == short


def test_images_are_counted_before_the_data_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "measure", lambda *arguments: Hours(1, 2))
    name, experiment = load_experiment("tfd_stage1")
    lines = announce(name, experiment, tmp_path, CPU, allow_cpu=True)
    assert "83,250,304" in lines[0]
    assert "peak memory about 2." in lines[0] or "peak memory about 1." in lines[0]
