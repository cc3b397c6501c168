"""The manifest lists what is there, by content."""

import hashlib

import pytest

from gan_repro.artifacts.manifest import write_manifest
from gan_repro.errors import UserError
from gan_repro.files import read_json


def test_digests_are_of_the_contents(tmp_path):
    (tmp_path / "runs").mkdir()
    files = [tmp_path / "table1.csv", tmp_path / "runs/model"]
    for number, file in enumerate(files):
        file.write_bytes(bytes([number]))
    write_manifest(files, tmp_path, tmp_path / "manifest.json")
    assert read_json(tmp_path / "manifest.json") == {
        "runs/model": hashlib.sha256(b"\x01").hexdigest(),
        "table1.csv": hashlib.sha256(b"\x00").hexdigest(),
    }


def test_a_missing_artefact_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no such artefact: .*gone"):
        write_manifest([tmp_path / "gone"], tmp_path, tmp_path / "manifest.json")
