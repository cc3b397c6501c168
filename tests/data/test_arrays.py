"""Files that claim more than they hold are refused before memory is taken."""

import gzip
import io
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pytest

from gan_repro.data.archives import read_members
from gan_repro.data.arrays import map_npy, read_npz
from gan_repro.data.idx import read_idx
from gan_repro.errors import UserError

LITTLE = 200 * 2**20


@pytest.fixture
def little_memory():
    """Fail where a test's peak of Python's and NumPy's memory is large."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LITTLE


def header(shape: str, kind: str = "'<f4'") -> bytes:
    text = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def test_arrays_are_what_was_saved(tmp_path):
    arrays = {
        "a": np.arange(6).reshape(2, 3),
        "b": np.asfortranarray(np.eye(3)),
        "c": np.array("ä"),
    }
    np.savez(tmp_path / "x.npz", **arrays)
    for name, array in read_npz(tmp_path / "x.npz", "").items():
        np.testing.assert_array_equal(array, arrays[name])
    np.save(tmp_path / "x.npy", arrays["b"])
    np.testing.assert_array_equal(map_npy(tmp_path / "x.npy", ""), arrays["b"])


def test_a_header_that_claims_a_terabyte_is_a_claim(tmp_path, little_memory):
    (tmp_path / "x.npy").write_bytes(header("(10**3, 10**9)") + bytes(8))
    with pytest.raises(UserError, match="not a plain"):
        map_npy(tmp_path / "x.npy", "")
    (tmp_path / "x.npy").write_bytes(header("(1000, 1000000000)") + bytes(8))
    with pytest.raises(UserError, match="claims 4000000000000 bytes, but 8 follow"):
        map_npy(tmp_path / "x.npy", "")
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", header("(1000, 1000000000)") + bytes(8))
    with pytest.raises(UserError, match="claims 4000000000000 bytes"):
        read_npz(tmp_path / "x.npz", "")


def test_a_zip_bomb_is_not_unpacked(tmp_path, little_memory):
    with (
        zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(bytes(2**20))
    with pytest.raises(UserError, match="compressed, which the pipeline never does"):
        read_npz(tmp_path / "x.npz", "")


def test_a_gzip_bomb_is_not_unpacked(tmp_path, little_memory):
    with gzip.open(tmp_path / "x.gz", "wb") as file:
        file.write(bytes.fromhex("00000801") + (10).to_bytes(4, "big"))
        for _ in range(300):
            file.write(bytes(2**20))
    with pytest.raises(UserError, match="more than 10 bytes of data"):
        read_idx(tmp_path / "x.gz", (10,))


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE])
def test_a_tar_bomb_is_left_after_what_such_a_dataset_has(tmp_path, little_memory, kind):
    info = tarfile.TarInfo("other.bin")
    info.size, info.type = 300 * 2**20, kind
    with gzip.open(tmp_path / "x.tar.gz", "wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(300):
            file.write(bytes(2**20))
    with pytest.raises(UserError, match="unpacks to more than such a dataset has"):
        read_members(tmp_path / "x.tar.gz", lambda name: False, 100, 1_000)


def test_an_ordinary_archive_is_read(tmp_path):
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("a")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    assert read_members(tmp_path / "x.tar.gz", bool, 3, 3) == {"a": b"abc"}
