import pytest

from gan_repro.artifacts.page.origins import durations, facts, manifest, measurements, records
from gan_repro.errors import UserError
from gan_repro.files import sha256


def test_the_manifest_is_named_by_its_own_digest(results):
    found = manifest(results)
    assert found.sha256 == sha256(results / "manifest.json")
    assert found.entries["table1.csv"] == sha256(results / "table1.csv")
    (results / "manifest.json").write_text("[1, 2]")
    with pytest.raises(UserError, match="is not a list of digests"):
        manifest(results)


def test_facts_are_said_once_and_each_where_they_differ(results):
    one = records(results)[0]
    other = one.model_copy(update={"device": "a GPU", "commit": None})
    found = facts([one, one, other])
    assert len(found["platform"]) == 1
    assert len(found["device"]) == 2
    assert found["device"][1].startswith("a GPU, ")
    assert "none (not a git checkout)" in found["commit"]
    changed = facts([one.model_copy(update={"uncommitted_changes": True})])
    assert changed["commit"] == [f"{one.commit} with uncommitted changes"]


def test_jobs_are_grouped_by_kind_and_what_was_not_measured_counts_nothing(tmp_path):
    head = "s\th:m:s\tmax_rss\tcpu_time\n"
    for name, line in (
        ("train/a_seed0", "2.5\t0:00:02\t300\t2.0"),
        ("train/b_seed0", "1.5\t0:00:01\t-\tNA"),
        ("alone", "4\t0:00:04\t100\t4"),
    ):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{head}{line}\n")
    other, train = durations(tmp_path)
    assert (other.name, train.name, train.seconds) == ("other", "train", 4.0)
    assert [job.memory for job in train.jobs] == [300, None]


def test_extensions_say_what_their_measurements_cost(results, tmp_path):
    (found,) = measurements(results)
    assert (found.name, found.cpu_seconds) == ("sampling_cost", 24.5)
    assert measurements(tmp_path) == []
    (results / "extensions/sampling_cost.json").write_text("{}")
    with pytest.raises(UserError, match=r"sampling_cost\.json"):
        measurements(results)


@pytest.mark.parametrize("content", ["", "s\n", "\x00", "a\tb\n1\t2\n"])
def test_a_damaged_measurement_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "a.tsv").write_text(content)
    with pytest.raises(UserError, match=r"a\.tsv is not a measurement of a job"):
        durations(tmp_path)
