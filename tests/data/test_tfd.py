"""TFD's file in both MATLAB versions, and every way in which a file may not be TFD's."""

import h5py
import numpy as np
import pytest
import scipy.io

from gan_repro.data import tfd
from gan_repro.data.fetch import SUMS, fetch
from gan_repro.data.tfd import FILE, OTHER_TITLE, read_tfd
from gan_repro.errors import UserError
from gan_repro.files import sha256

UNLABELLED, LABELLED = 30, 100


@pytest.fixture
def variables() -> dict[str, np.ndarray]:
    """What a small file in TFD's layout holds: 30 unlabelled and 100 labelled faces."""
    rng = np.random.default_rng(0)
    count = UNLABELLED + LABELLED
    codes = np.repeat([1, 2, 3], [70, 10, 20])
    folds = np.zeros((count, 5), np.uint8)
    folds[UNLABELLED:] = np.column_stack([np.roll(codes, 20 * fold) for fold in range(5)])
    labels = np.where(np.arange(count) < UNLABELLED, -1, 1 + np.arange(count) % 7)
    return {
        "images": rng.integers(0, 256, (count, 48, 48), dtype=np.uint8),
        "labs_ex": labels.astype(np.int16)[:, None],
        "labs_id": np.arange(count)[:, None],
        "folds": folds,
    }


def write_v5(folder, variables):
    scipy.io.savemat(folder / FILE, variables)


def write_v73(folder, variables):
    """Write as MATLAB's version 7.3 does: HDF5 behind a header of 512 bytes, axes reversed."""
    with h5py.File(folder / FILE, "w", userblock_size=512) as file:
        for name, values in variables.items():
            file[name] = values.T


WRITERS = {"v5": write_v5, "v7.3": write_v73}


@pytest.mark.parametrize("version", WRITERS)
def test_both_versions_are_read_without_a_transpose(tmp_path, variables, version):
    WRITERS[version](tmp_path, variables)
    found = read_tfd("tfd", "TFD", tmp_path)
    assert (found.shape, found.space, found.maximum) == ((48, 48), "unit", 255)
    np.testing.assert_array_equal(found.pixels, variables["images"].reshape(-1, 2304))
    np.testing.assert_array_equal(found.labels, variables["labs_ex"].ravel())
    np.testing.assert_array_equal(found.train, np.arange(UNLABELLED))
    for number, fold in enumerate(found.folds):
        codes = variables["folds"][:, number]
        np.testing.assert_array_equal(fold.valid, np.flatnonzero(codes == 2))
        np.testing.assert_array_equal(fold.test, np.flatnonzero(codes == 3))


def test_nothing_that_trains_is_validated_or_tested_on(tmp_path, variables):
    write_v5(tmp_path, variables)
    found = read_tfd("tfd", "TFD", tmp_path)
    for fold in found.folds:
        assert not set(found.train) & (set(fold.valid) | set(fold.test))
        assert not set(fold.valid) & set(fold.test)


def test_only_the_published_file_is_titled_tfd(tmp_path, variables, monkeypatch):
    write_v5(tmp_path, variables)
    assert read_tfd("tfd", "TFD", tmp_path).title == OTHER_TITLE
    monkeypatch.setattr(tfd, "PUBLISHED_MD5", tfd._md5(tmp_path / FILE))
    assert read_tfd("tfd", "TFD", tmp_path).title == "TFD"


def leak(variables):
    variables["folds"][0, 3] = 3


def uneven(variables):
    variables["folds"][UNLABELLED:, 2] = 1


def unlabelled_only(variables):
    variables["folds"][:] = 0


def short(variables):
    variables["folds"] = variables["folds"][:-1]


def small(variables):
    variables["images"] = variables["images"][:, :40]


def unknown_code(variables):
    variables["folds"][5] = 4


def real_images(variables):
    variables["images"] = variables["images"] / 255


@pytest.mark.parametrize("version", WRITERS)
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (leak, "image 0 is unlabelled in some folds and labelled in others"),
        (uneven, "100% of fold 2 has code 1, expected about 70%"),
        (unlabelled_only, "both unlabelled images"),
        (short, r"folds is \(129, 5\), expected \(130, 5\)"),
        (small, r"images is \(130, 40, 48\), expected \(130, 48, 48\)"),
        (unknown_code, "folds runs from 0 to 4, expected 0 to 3"),
        (real_images, "not whole numbers"),
        (lambda variables: variables.pop("folds"), "no variable folds"),
    ],
)
def test_another_layout_is_one_line(tmp_path, variables, version, damage, message):
    damage(variables)
    WRITERS[version](tmp_path, variables)
    with pytest.raises(UserError, match=message) as caught:
        read_tfd("tfd", "TFD", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"these are not faces\n" * 50, b"\x89HDF\r\n\x1a\n" + b"\0" * 100]
)
def test_a_file_that_is_not_matlabs_is_one_line(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UserError, match="not a complete MATLAB file") as caught:
        read_tfd("tfd", "TFD", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", WRITERS)
def test_half_a_file_is_one_line(tmp_path, variables, version):
    WRITERS[version](tmp_path, variables)
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="copy it again|no variable"):
        read_tfd("tfd", "TFD", tmp_path)


def test_a_copy_is_taken_from_the_mirror_and_its_digest_recorded(tmp_path, monkeypatch, variables):
    mirror = tmp_path / "mirror"
    (mirror / "tfd").mkdir(parents=True)
    write_v5(mirror / "tfd", variables)
    monkeypatch.setenv("GAN_REPRO_MIRROR", str(mirror))
    (path,) = fetch("tfd", tmp_path / "raw")
    assert path.read_bytes() == (mirror / "tfd" / FILE).read_bytes()
    assert (tmp_path / "raw/tfd" / SUMS).read_text() == f"{sha256(path)}  {FILE}\n"


def test_without_a_copy_the_ways_on_are_named(tmp_path, monkeypatch):
    monkeypatch.delenv("GAN_REPRO_MIRROR", raising=False)
    with pytest.raises(UserError, match=r"not distributed publicly.*gan-repro fetch lfw"):
        fetch("tfd", tmp_path)


def test_a_file_of_real_size(mirror):
    if not (mirror / "tfd" / FILE).exists():
        pytest.skip(f"{mirror} has no {FILE}")
    found = read_tfd("tfd", "TFD", mirror / "tfd")
    sizes = {(len(fold.valid), len(fold.test)) for fold in found.folds}
    assert all(abs(valid - 418) < 5 and abs(test - 835) < 5 for valid, test in sizes)
    # Every labelled face is tested on in exactly one fold.
    tested = np.concatenate([fold.test for fold in found.folds])
    assert len(np.unique(tested)) == len(tested) == 4_178
