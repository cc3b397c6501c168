"""Run folders: sealed when finished, and set aside whole."""

import shutil

import pytest

from gan_repro.errors import UserError
from gan_repro.training.runs import RunFolder


def test_an_unfinished_run_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no finished run"):
        RunFolder(tmp_path).read_record()


@pytest.mark.parametrize("content", ["[]", "{}", '{"experiment": 3}', "null"])
def test_a_damaged_record_is_one_line(tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(UserError, match="is not what the pipeline writes there") as caught:
        RunFolder(tmp_path).read_record()
    assert "\n" not in str(caught.value)
    assert "(: " not in str(caught.value)


def test_what_is_set_aside_is_whole_and_nothing_set_aside_before_is_lost(tmp_path):
    folder = RunFolder(tmp_path)
    for number in (1, 2):
        for path in (folder.weights, folder.metrics, folder.record):
            path.write_text(f"{path.name} {number}")
        folder.seal()
        place = folder.set_aside()
        assert place == tmp_path / "earlier" / str(number)
        assert not [path for path in tmp_path.iterdir() if path.is_file()]
        assert (place / "model.safetensors").read_text() == f"model.safetensors {number}"
    assert (tmp_path / "earlier/1/run.json").read_text() == "run.json 1"
    shutil.rmtree(tmp_path / "earlier/1")
    assert folder.set_aside() == tmp_path / "earlier" / str(number + 1)
