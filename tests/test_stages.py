"""TFD's second stage takes the first one's generator, and a run's card says so."""

import numpy as np
import pytest
import torch

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.artifacts.cards import write_card
from gan_repro.data.dataset import save
from gan_repro.data.faces import read_subset
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import Experiment, load_experiment, parse_experiment
from gan_repro.experiments.restored import sample
from gan_repro.experiments.run import train
from gan_repro.files import read_json, sha256
from gan_repro.training.runs import RunFolder
from gan_repro.training.tensors import load_tensors

CPU = torch.device("cpu")


def short(name: str) -> Experiment:
    """Return an experiment of one epoch and few validation samples."""
    experiment = load_experiment(name)[1]
    plan = experiment.plan.model_copy(update={"epochs": 1, "validate_samples": 20})
    return experiment.model_copy(update={"plan": plan})


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Both stages trained for an epoch on the demo's faces."""
    root = tmp_path_factory.mktemp("stages")
    save(read_subset("faces", "LFW faces 25×25 (not TFD)", root), root / "faces.npz")
    folders = {}
    for name in ("faces_stage1", "faces_stage2"):
        folders[name] = RunFolder(root / name)
        train(
            name, short(name), 0, root, folders[name], CPU, None, folders.get("faces_stage1"),
        )  # fmt: skip
    return root, folders


def learner(name: str) -> AdversarialLearner:
    images = torch.rand(30, 625, generator=torch.Generator().manual_seed(1))
    return AdversarialLearner(load_experiment(name)[1].model, images, seed=0)


def test_the_second_stage_starts_from_the_first_ones_generator():
    first, second = learner("faces_stage1"), learner("faces_stage2")
    weights = {name: tensor.detach().clone() + 1 for name, tensor in first.weights().items()}
    second.start_from(weights)
    generator = second.game.generator.network
    assert second.front_modules == 4
    behind = torch.nn.Sequential(*list(generator)[4:])
    for name, tensor in weights.items():
        assert torch.equal(behind.get_parameter(name), tensor)
    # Everything trains jointly, the new front included.
    assert len(second.game.generator.parameters()) == 10


def test_the_second_stages_discriminator_starts_where_the_first_ones_did():
    first, second = learner("faces_stage1"), learner("faces_stage2")
    for one, other in zip(
        first.game.discriminator.parameters(), second.game.discriminator.parameters(), strict=True
    ):
        assert torch.equal(one, other)


def test_the_front_gives_a_code_of_the_noises_size_between_0_and_1():
    generator = learner("faces_stage2").game.generator.network
    code = torch.nn.Sequential(*list(generator)[:4])(torch.randn(50, 100))
    assert code.shape == (50, 100)
    assert 0 < code.min() < code.max() < 1
    # A bias of -2 makes its units sparse.
    assert code.mean().item() == pytest.approx(torch.sigmoid(torch.tensor(-2.0)).item(), abs=0.1)


def test_a_run_records_what_it_started_from(stages):
    _, folders = stages
    record = read_json(folders["faces_stage2"].record)
    assert record["pretrained_sha256"] == sha256(folders["faces_stage1"].weights)
    assert record["config"]["pretrained"] == "faces_stage1"
    assert record["dataset"]["title"] == "LFW faces 25×25 (not TFD)"


def test_one_epoch_moves_the_pretrained_layers_and_keeps_them_near(stages):
    _, folders = stages
    before, _ = load_tensors(folders["faces_stage1"].weights)
    after, _ = load_tensors(folders["faces_stage2"].weights)
    moved = (after["4.weight"] - before["0.weight"]).abs().max().item()
    assert 0 < moved < 0.05


def test_sampling_needs_the_weights_alone(stages, tmp_path):
    _, folders = stages
    copy = tmp_path / "any.safetensors"
    copy.write_bytes(folders["faces_stage2"].weights.read_bytes())
    draws = sample(copy, 12, None, CPU)
    assert draws.shape == (12, 625)
    assert 0 <= draws.min() < draws.max() <= 1
    np.testing.assert_array_equal(draws, sample(folders["faces_stage2"].weights, 12, None, CPU))
    assert not np.array_equal(draws, sample(copy, 12, 99, CPU))


def test_without_the_first_stage_the_command_is_named(stages, tmp_path):
    root, _ = stages
    with pytest.raises(UserError, match="run: gan-repro train faces_stage1"):
        train(
            "faces_stage2", short("faces_stage2"), 0, root, RunFolder(tmp_path), CPU,
            pretrained=RunFolder(tmp_path / "none"),
        )  # fmt: skip


def test_another_generator_is_refused():
    first, second = learner("faces_stage1"), learner("faces_stage2")
    weights = dict(list(first.weights().items())[:-1])
    with pytest.raises(UserError, match="other layers than generator.layers"):
        second.start_from(weights)


def test_what_stands_behind_a_front_needs_one():
    content = load_experiment("faces_stage2")[1].model_dump()
    with pytest.raises(UserError, match="front needs pretrained"):
        parse_experiment(content | {"pretrained": None}, "a file")


def test_the_card_names_data_recipe_seed_and_digest(stages):
    _, folders = stages
    text = write_card(folders["faces_stage2"]).read_text()
    assert "seed 0" in text
    assert "LFW faces 25×25 (not TFD)" in text
    assert sha256(folders["faces_stage2"].weights) in text
    assert sha256(folders["faces_stage1"].weights) in text
    assert "Huang et al. (2007)" in text
    assert "our choice, everything" in text
    assert "not scored" in text
