"""Nothing that a configuration says is executed: it works, or is refused before any job starts."""

import json

import jsonschema
import pytest
import yaml
from checkouts import ROOT, make_checkout, run_snakemake

PLANTS = ("'; touch x #", "$(touch x)", "`touch x`", "a\nb", "two words", "it's", "-x", "{x}", "")
ONE = {
    "experiments": ["digits_gsn"], "epochs": {"digits_gsn": 1}, "seeds": [0],
    "columns": ["digits"], "calibration": ["digits"], "samples": 20, "figure2": {},
    "figure3": "digits_authors", "notebook_parameters": None, "notebook_data": "digits",
    "device": "cpu", "changed": "restart",
}  # fmt: skip
# Every key, with the plant at each place where a text may stand.
PLACES = {
    "data": lambda plant: plant,
    "experiments": lambda plant: ["digits_gsn", plant],
    "extensions": lambda plant: plant,
    "together": lambda plant: [[plant]],
    "epochs": lambda plant: {plant: 1},
    "epochs of": lambda plant: {"digits_gsn": plant},
    "seeds": lambda plant: [plant],
    "first_seed_only": lambda plant: [plant],
    "columns": lambda plant: ["digits", plant],
    "calibration": lambda plant: [plant],
    "samples": lambda plant: plant,
    "redraws": lambda plant: plant,
    "burn_ins": lambda plant: [plant],
    "growth": lambda plant: {"samples": plant, "of": [], "beside": []},
    "growth of": lambda plant: {"samples": 100, "of": [plant], "beside": []},
    "factors": lambda plant: {"of": [plant], "beside": []},
    "figure2": lambda plant: {"a": [plant]},
    "figure2 of": lambda plant: {plant: ["digits_gsn"]},
    "figure3": lambda plant: plant,
    "notebook_parameters": lambda plant: plant,
    "notebook_data": lambda plant: plant,
    "device": lambda plant: plant,
    "allow_cpu": lambda plant: plant,
    "changed": lambda plant: plant,
    "only_finished": lambda plant: plant,
    "checkpoint_seconds": lambda plant: plant,
    "threads": lambda plant: plant,
    "pathvars": lambda plant: {"results": plant},
    "pathvars of": lambda plant: {plant: "results"},
    "unknown": lambda plant: plant,
}
PATHS = ("data", "extensions", "pathvars", "notebook_parameters")
NO_PATHS = ("a\nb", "-x", "{x}", "")
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A checkout in a folder whose name would be a command."""
    folder = tmp_path_factory.mktemp("outer") / "it's a $(touch x); `touch x` place"
    return make_checkout(folder)


def plan(place, config: dict, *arguments: str):
    (place / "mine.yaml").write_text(yaml.safe_dump(config))
    return run_snakemake(place, *arguments, "--cores", "1", "--configfile", "mine.yaml")


def assert_untouched(place):
    assert not [path for path in place.parent.rglob("x") if path.name == "x"]


@pytest.mark.parametrize("key", PLACES)
@pytest.mark.parametrize("plant", PLANTS)
def test_the_schema_bounds_every_key(key, plant):
    """Only a folder's or a file's name may have what a shell would read; the rules quote it."""
    content = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    planted = {**content, key.removesuffix(" of"): PLACES[key](plant)}
    if key in PATHS and plant not in NO_PATHS:
        jsonschema.validate(planted, SCHEMA)
    else:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(planted, SCHEMA)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seeds": [-1]}, "-1 is less than the minimum"),
        ({"columns": ["mnist", "mnist"]}, "non-unique"),
        ({"seed": [1]}, "'seed' was unexpected"),
    ],
)
def test_the_schema_says_what_is_wrong(changes, expected):
    content = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    with pytest.raises(jsonschema.ValidationError, match=expected):
        jsonschema.validate({**content, **changes}, SCHEMA)


def test_the_test_plants_every_key():
    assert {key.removesuffix(" of") for key in PLACES} == {*SCHEMA["properties"], "unknown"}


def test_a_plant_stops_the_workflow_before_any_job(place):
    done = plan(place, {**ONE, "experiments": [PLANTS[0]]}, "table1")
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert_untouched(place)


@pytest.mark.slow
def test_a_run_in_such_a_folder_with_such_paths_and_titles_works(place):
    path = place / "config/datasets.yaml"
    kept = path.read_text()
    datasets = yaml.safe_load(kept)
    datasets["digits"]["title"] = "it's '; touch x # `touch x`"
    path.write_text(yaml.safe_dump(datasets))
    paths = {"data": "it's; $(touch x)", "pathvars": {"results": "my 'results'; touch x"}}
    done = plan(place, {**ONE, **paths}, "my 'results'; touch x/scores.csv", "table1")
    path.write_text(kept)
    assert done.returncode == 0, done.stderr[-3_000:]
    table = (place / paths["pathvars"]["results"] / "table1.csv").read_text()
    assert datasets["digits"]["title"] in table
    assert_untouched(place)


def test_a_title_that_could_mean_something_is_refused(checkout):
    """Any other text that is none: tests/config/test_catalogue.py."""
    path = checkout / "config/datasets.yaml"
    datasets = yaml.safe_load(path.read_text())
    datasets["digits"]["title"] = "$(touch x)"
    path.write_text(yaml.safe_dump(datasets))
    done = plan(checkout, ONE, "table1", "--dry-run")
    assert done.returncode != 0
    assert "datasets.yaml: digits.title" in done.stdout + done.stderr


def test_only_parameters_that_a_notebook_has_are_set(checkout):
    """Other mistakes: tests/config/test_selection.py."""
    (checkout / "p.yaml").write_text(yaml.safe_dump({"05_saturation": {"seed; import os": 1}}))
    done = plan(checkout, {**ONE, "notebook_parameters": "p.yaml"}, "theory", "--dry-run")
    assert done.returncode != 0
    assert "unknown parameter" in done.stdout + done.stderr


def test_aliases_and_depth_stop_at_once(checkout):
    bomb = "a0: &a0 [x, x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
    )
    (checkout / "mine.yaml").write_text(json.dumps(ONE)[:-1] + "}\n")
    (checkout / "bomb.yaml").write_text(bomb)
    done = run_snakemake(checkout, "--configfile", "bomb.yaml", "--cores", "1", "--dry-run")
    assert done.returncode != 0
    assert "has more than" in done.stdout + done.stderr
