"""The shared loop: killed at any step and rerun, a training ends with the same bytes."""

import numpy as np
import pandas as pd
import pytest
import torch
from harness import IMAGES, Killed, finish, make_training

from gan_repro.errors import UserError
from gan_repro.experiments.experiment import load_experiment
from gan_repro.files import sha256
from gan_repro.training.loop import Training, Validation
from gan_repro.training.plan import Plan
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed

PLAN = Plan(epochs=4, batch_size=16, validate_every=2, validate_samples=20)


def training(folder, experiment="digits_authors", stop_at=None, plan=PLAN, **options) -> Training:
    """A training of the demo's networks."""
    spec = load_experiment(experiment)[1].model
    fingerprint = options.pop("fingerprint", {"experiment": experiment})
    return make_training(folder, spec, plan, stop_at=stop_at, fingerprint=fingerprint, **options)


@pytest.mark.parametrize("experiment", ["digits_authors", "digits_algorithm1"])
@pytest.mark.parametrize("steps", [[1], [4], [5], [7, 7, 12, 19], list(range(1, 20))])
def test_a_killed_run_ends_with_the_bytes_of_an_unbroken_one(tmp_path, experiment, steps):
    unbroken = training(tmp_path / "unbroken", experiment)
    expected = finish(unbroken)
    for step in steps:
        with pytest.raises(Killed):
            training(tmp_path / "broken", experiment, stop_at=step).run()
    broken = training(tmp_path / "broken", experiment)
    assert finish(broken) == expected
    tables = [pd.read_csv(run.folder.metrics) for run in (unbroken, broken)]
    for table in tables:
        del table["examples_per_second"]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_another_seed_gives_other_bytes(tmp_path):
    first = training(tmp_path / "a")
    second = training(tmp_path / "b")
    second.shuffle.manual_seed(99)
    assert finish(first) != finish(second)


def test_more_epochs_go_on_from_a_finished_run(tmp_path):
    longer = PLAN.model_copy(update={"epochs": 6})
    expected = finish(training(tmp_path / "at_once", plan=longer))
    finish(training(tmp_path / "extended"))
    assert finish(training(tmp_path / "extended", plan=longer)) == expected


@pytest.mark.parametrize(("short", "long"), [(3, 4), (3, 6), (5, 6), (1, 2)])
def test_an_extended_run_is_one_that_was_longer_from_the_start(tmp_path, short, long):
    plans = {n: PLAN.model_copy(update={"epochs": n}) for n in (short, long)}
    expected = finish(training(tmp_path / "at_once", plan=plans[long]))
    finish(training(tmp_path / "extended", plan=plans[short]))
    assert finish(training(tmp_path / "extended", plan=plans[long])) == expected


def test_a_finished_run_ends_the_same_when_it_is_asked_for_again(tmp_path):
    plan = PLAN.model_copy(update={"epochs": 3})
    assert finish(training(tmp_path, plan=plan)) == finish(training(tmp_path, plan=plan))


@pytest.mark.parametrize("stop_at", [None, 12])
def test_fewer_epochs_than_are_trained_are_refused_and_nothing_is_touched(tmp_path, stop_at):
    if stop_at:
        with pytest.raises(Killed):
            training(tmp_path, stop_at=stop_at).run()
    else:
        finish(training(tmp_path))
    before = {path.name: sha256(path) for path in tmp_path.iterdir()}
    with pytest.raises(UserError, match=r"in epoch \d already; ask for \d epochs or more"):
        training(tmp_path, plan=PLAN.model_copy(update={"epochs": 2})).run()
    assert before == {path.name: sha256(path) for path in tmp_path.iterdir()}


def test_every_image_is_seen_once_per_epoch_and_the_last_batch_is_kept(tmp_path):
    run, seen = training(tmp_path), []
    play = run.learner.step

    def step(batches, number, epoch):
        seen.append((epoch, batches[0]))
        return play(batches, number, epoch)

    run.learner.step = step
    run.run()
    orders = []
    for epoch in range(1, 5):
        batches = [batch for when, batch in seen if when == epoch]
        assert [len(batch) for batch in batches] == [16, 16, 16, 16, 6]
        rows = torch.cat(batches)
        orders.append(rows)
        torch.testing.assert_close(rows.sort(dim=0).values, IMAGES.sort(dim=0).values)
    assert not torch.equal(orders[0], orders[1])


def test_metrics_have_a_row_per_epoch_and_validation_at_its_interval(tmp_path):
    run = training(tmp_path, plan=PLAN.model_copy(update={"epochs": 3}))
    run.run()
    table = pd.read_csv(run.folder.metrics)
    assert table["epoch"].tolist() == [1, 2, 3]
    assert table["valid_ll"].notna().tolist() == [False, True, True]
    for name in ("loss_discriminator", "loss_generator", "d_real", "d_fake"):
        assert table[name].notna().all()
    assert (table["examples_per_second"] > 0).all()


@pytest.mark.parametrize(("select", "expected"), [("validation", 2), ("last", 4)])
def test_the_model_kept_is_the_best_on_validation_data_or_the_last(tmp_path, select, expected):
    run = training(tmp_path, plan=PLAN.model_copy(update={"select": select, "validate_every": 1}))
    scores = iter([0.0, 5.0, 3.0, 4.0])
    kept = []
    run.validate = lambda samples: kept.append(samples) or Validation(next(scores), 0.1)
    assert run.run().epoch == expected
    weights = run.learner.weights()
    with torch.no_grad():
        for name, tensor in run.best.items():
            weights[name].copy_(tensor)
    seed = stream_seed(5, f"validation {expected}")
    np.testing.assert_array_equal(run.learner.sample(20, seed), kept[expected - 1])


def test_divergence_stops_with_one_line_and_the_last_good_checkpoint_stays(tmp_path):
    with pytest.raises(Killed):
        training(tmp_path, stop_at=3).run()
    good = sha256(RunFolder(tmp_path).checkpoint)
    run = training(tmp_path, checkpoint_seconds=1e9)
    play = run.learner.step
    run.learner.step = lambda *arguments: play(*arguments) * float("nan")
    with pytest.raises(UserError, match="diverged in epoch 1 .*lower learning_rate") as caught:
        run.run()
    assert "\n" not in str(caught.value)
    assert sha256(run.folder.checkpoint) == good


def test_weights_that_overflow_are_noticed_before_they_are_saved(tmp_path):
    run = training(tmp_path)
    with torch.no_grad():
        run.learner.game.generator.parameters()[0].fill_(float("inf"))
    with pytest.raises(UserError, match="diverged"):
        run.run()
    assert not run.folder.checkpoint.exists()


def test_a_checkpoint_of_another_run_is_refused_and_kept(tmp_path):
    training(tmp_path).run()
    before = sha256(RunFolder(tmp_path).checkpoint)
    other = training(tmp_path, fingerprint={"experiment": "another"})
    with pytest.raises(UserError, match="belongs to another run .experiment: digits_authors → an"):
        other.run()
    assert sha256(RunFolder(tmp_path).checkpoint) == before


def test_a_checkpoint_with_a_flipped_bit_is_refused(tmp_path):
    training(tmp_path).run()
    path = RunFolder(tmp_path).checkpoint
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="is damaged"):
        training(tmp_path).run()


def test_a_change_of_code_is_refused_unless_it_is_accepted_and_then_recorded(tmp_path):
    old, new = ({"seed": 1, "source": {"sha256": digest}} for digest in ("a", "b"))
    with pytest.raises(Killed):
        training(tmp_path, stop_at=7, fingerprint=old).run()
    before = sha256(RunFolder(tmp_path).checkpoint)
    with pytest.raises(UserError, match="--accept-changed-source .* or --restart"):
        training(tmp_path, fingerprint=new).run()
    assert sha256(RunFolder(tmp_path).checkpoint) == before
    run = training(tmp_path, fingerprint=new, accept_changed_source=True)
    accepted = finish(run)
    (change,) = run.position.source_changes
    assert (change.epoch, change.before, change.after) == (2, {"sha256": "a"}, {"sha256": "b"})
    assert accepted == finish(training(tmp_path / "unbroken"))
    # Accepting one thing accepts no other.
    with pytest.raises(UserError, match="seed: 1 → 2"):
        training(tmp_path, fingerprint=new | {"seed": 2}, accept_changed_source=True).run()
