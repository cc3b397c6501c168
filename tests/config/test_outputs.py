"""What the workflow makes, without a workflow."""

import pytest

from gan_repro.config.outputs import Outputs

EXPERIMENTS = {
    "first": {"dataset": "faces", "row": "Stage 1"},
    "second": {
        "dataset": "faces",
        "row": "Adversarial nets",
        "pretrained": "first",
        "model": {"generator": {"front": [{}]}},
    },
    "other": {"dataset": "digits", "row": "DBN"},
    "longer": {"dataset": "patches", "row": "DBN, longer", "pretrained": "other"},
}


@pytest.fixture
def outputs() -> Outputs:
    return Outputs(EXPERIMENTS, [3, 4], ["digits"], "results")


def test_every_seed_is_a_run_and_a_first_stage_has_no_score(outputs):
    assert len(outputs.runs()) == 8
    assert outputs.runs("digits") == ["<results>/runs/other/seed3", "<results>/runs/other/seed4"]
    assert outputs.first_stages == {"first"}
    assert outputs.scores("faces") == [
        "<results>/runs/second/seed3/parzen.json", "<results>/runs/second/seed4/parzen.json",
    ]  # fmt: skip


def test_what_needs_one_seed_is_trained_with_the_first():
    outputs = Outputs(EXPERIMENTS, [3, 4], [], "results", first_seed_only=["longer"])
    assert outputs.runs("patches") == ["<results>/runs/longer/seed3"]
    assert len(outputs.runs()) == 7
    assert outputs.factors(["longer", "other"])[:2] == [
        "<results>/runs/longer/seed3", "<results>/runs/other/seed3",
    ]  # fmt: skip


def test_calibration_rows_follow_the_models_of_their_dataset(outputs):
    found = outputs.scores("digits", "faces")
    assert [path.split("/")[1] for path in found] == ["runs"] * 2 + ["calibration"] * 2 + [
        "runs"
    ] * 2


def test_only_what_is_there_is_named_where_nothing_may_be_made(tmp_path):
    outputs = Outputs(EXPERIMENTS, [3, 4], ["digits"], str(tmp_path / "r"), only_finished=True)
    assert outputs.runs() == outputs.scores("digits", "faces") == []
    assert outputs.shown({"a": ["other"]}) == {}
    run = tmp_path / "r/runs/other/seed4"
    run.mkdir(parents=True)
    (run / "trained.sha256").touch()
    assert outputs.runs() == ["<results>/runs/other/seed4"]
    assert outputs.scored_runs() == []
    (run / "parzen.json").touch()
    assert outputs.scores("digits") == ["<results>/runs/other/seed4/parzen.json"]
    assert outputs.shown({"a": ["second", "other"], "b": ["second"]}) == {"a": "other"}


def test_a_panel_shows_the_first_of_its_experiments_that_is_trained(outputs):
    assert outputs.shown({"a": ["none", "second"], "b": ["first"]}) == {"a": "second"}


def test_mixing_is_of_one_seed_of_each_row_on_one_dataset(outputs):
    assert outputs.mixing(["DBN", "Adversarial nets"], "digits") == [
        "<results>/runs/other/seed3/mixing.json"
    ]


def test_growth_is_of_the_first_seed_of_what_is_trained_after_real_images(outputs):
    assert outputs.growth(["other", "unheard_of"]) == [
        "<results>/calibration/digits/training-images/growth.json",
        "<results>/runs/other/seed3/growth.json",
    ]
    assert outputs.growth(["unheard_of"]) == outputs.growth([]) == []


def test_a_recipe_is_held_against_its_other_seeds_and_what_changes_it(outputs):
    found = outputs.factors(["other", "longer", "unheard_of"])
    assert [path.removeprefix("<results>/runs/") for path in found] == [
        "other/seed3", "other/seed4", "longer/seed3", "longer/seed4",
    ]  # fmt: skip
    assert outputs.factors(["unheard_of", "other"]) == outputs.factors([]) == []


def test_where_nothing_may_be_made_growth_and_factors_are_of_what_is_there(tmp_path):
    outputs = Outputs(EXPERIMENTS, [3, 4], ["digits"], str(tmp_path / "r"), only_finished=True)
    assert outputs.growth(["other"]) == outputs.factors(["other", "longer"]) == []
    for run in ("other/seed4", "longer/seed3"):
        (tmp_path / "r/runs" / run).mkdir(parents=True)
        (tmp_path / "r/runs" / run / "trained.sha256").touch()
    # Nothing is held against another seed than the recipe's first.
    assert outputs.factors(["other", "longer"]) == []
    (tmp_path / "r/runs/other/seed3").mkdir()
    (tmp_path / "r/runs/other/seed3/trained.sha256").touch()
    assert len(outputs.factors(["other", "longer"])) == 3
    (tmp_path / "r/runs/other/seed3/growth.json").touch()
    assert outputs.growth(["other"]) == ["<results>/runs/other/seed3/growth.json"]
