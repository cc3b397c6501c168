"""A gap in a table is explained by the job that failed first."""

from pathlib import Path

import pytest

from gan_repro.config.gaps import NOT_FINISHED, find_gaps


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for step in ("fetch", "prepare", "train", "sample", "parzen"):
        (tmp_path / step).mkdir()
    return tmp_path


def reason(logs: Path, name: str = "mnist_dbn") -> str:
    (gap,) = find_gaps([name, "mnist_gsn"], ["mnist_gsn"], logs)
    assert gap.experiment == name
    return gap.reason


def test_what_has_a_score_is_no_gap(logs):
    assert find_gaps(["mnist_dbn"], ["mnist_dbn"], logs) == []


def test_the_row_and_the_data_are_those_of_the_experiment(logs):
    (gap,) = find_gaps(["lfw_stage2"], [], logs)
    assert (gap.row, gap.dataset) == ("Adversarial nets", "LFW faces 48×48 (not TFD)")
    assert gap.reason == NOT_FINISHED


def test_the_reason_is_the_last_error_of_the_first_job_that_has_one(logs):
    assert reason(logs) == NOT_FINISHED
    (logs / "train/mnist_dbn_seed0.log").write_text("epoch 1\ngan-repro: a\ngan-repro: training\n")
    assert reason(logs) == "training"
    (logs / "fetch/mnist.log").write_text("trying\ngan-repro: cannot fetch\n")
    assert reason(logs) == "cannot fetch"


def test_another_experiments_log_says_nothing(logs):
    (logs / "train/mnist_dbn_pcd_seed0.log").write_text("gan-repro: other\n")
    assert reason(logs) == NOT_FINISHED


def test_a_second_stage_fails_with_its_first(logs):
    (logs / "train/lfw_stage1_seed0.log").write_text("gan-repro: 49 hours on this cpu\n")
    assert reason(logs, "lfw_stage2") == "49 hours on this cpu"


def test_a_log_of_any_bytes_is_read(logs):
    (logs / "train/mnist_dbn_seed0.log").write_bytes(b"\xff\xfe\n\x80gan-repro: no\n")
    assert reason(logs) == NOT_FINISHED
