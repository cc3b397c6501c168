"""CIFAR-10's archives: order, split, and archives that are not to be trusted."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from gan_repro.data import cifar10
from gan_repro.data.archives import read_members
from gan_repro.data.cifar10 import ARCHIVE, BATCHES, JPEG_ARCHIVE, read_cifar10, read_cifar10_jpeg
from gan_repro.errors import UserError

PER_BATCH = 12


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Twelve images per batch, split 48 / 12 / 12."""
    monkeypatch.setattr(cifar10, "ROWS", PER_BATCH)
    monkeypatch.setattr(cifar10, "TRAIN", 4 * PER_BATCH)
    monkeypatch.setattr(cifar10, "VALID", PER_BATCH)


def records() -> dict[str, bytes]:
    """Return batches whose images are constant planes: red r, green r + 1, blue r + 2."""
    content = {}
    for number, name in enumerate(BATCHES):
        rows = []
        for image in range(PER_BATCH):
            red = 20 * number + image
            planes = [bytes([red + plane]) * 1024 for plane in range(3)]
            rows.append(bytes([image % 10]) + b"".join(planes))
        content[f"cifar-10-batches-bin/{name}"] = b"".join(rows)
    return content


def write_archive(path, members: dict[str, bytes]):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_batches_are_in_order_whatever_the_archives_order(tmp_path):
    write_archive(tmp_path / ARCHIVE, dict(reversed(records().items())))
    found = read_cifar10("cifar10", "CIFAR-10", tmp_path)
    assert found.shape == (3, 32, 32)
    assert found.space == "contrast"
    red, green, blue = (found.pixels[:, plane * 1024] for plane in range(3))
    expected = [20 * batch + image for batch in range(6) for image in range(PER_BATCH)]
    np.testing.assert_array_equal(red, expected)
    np.testing.assert_array_equal(green - red, 1)
    np.testing.assert_array_equal(blue - red, 2)
    np.testing.assert_array_equal(found.train, np.arange(48))
    np.testing.assert_array_equal(found.fold(0).valid, np.arange(48, 60))
    np.testing.assert_array_equal(found.fold(0).test, np.arange(60, 72))


@pytest.mark.parametrize("name", ["../data_batch_1.bin", "a/../../b", "/etc/data_batch_1.bin"])
def test_an_archive_that_leads_outside_is_refused(tmp_path, name):
    write_archive(tmp_path / ARCHIVE, records() | {name: b"x"})
    with pytest.raises(UserError, match="leads outside of the archive"):
        read_cifar10("cifar10", "CIFAR-10", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [ARCHIVE]


def test_a_link_in_place_of_a_batch_is_refused(tmp_path):
    with tarfile.open(tmp_path / ARCHIVE, "w:gz") as archive:
        link = tarfile.TarInfo("cifar-10-batches-bin/test_batch.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(UserError, match="no plain file"):
        read_cifar10("cifar10", "CIFAR-10", tmp_path)


def test_a_larger_member_than_expected_is_not_read(tmp_path):
    write_archive(tmp_path / "a.tar.gz", {"a": b"x" * 100})
    with pytest.raises(UserError, match="at most 99 bytes"):
        read_members(tmp_path / "a.tar.gz", lambda name: True, 99, 10_000)


def without(name):
    members = records()
    del members[f"cifar-10-batches-bin/{name}"]
    return members


def relabelled():
    members = records()
    name = f"cifar-10-batches-bin/{BATCHES[0]}"
    return members | {name: b"\x63" + members[name][1:]}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (without("data_batch_3.bin"), "data_batch_3.bin has 0 bytes"),
        (relabelled(), "labels above 9, so it is not CIFAR-10"),
    ],
)
def test_another_content_is_one_line(tmp_path, members, message):
    write_archive(tmp_path / ARCHIVE, members)
    with pytest.raises(UserError, match=message):
        read_cifar10("cifar10", "CIFAR-10", tmp_path)


@pytest.mark.parametrize("content", [b"", b"a text", b"\x1f\x8b\x08\x00 cut"])
def test_a_damaged_archive_is_one_line(tmp_path, content):
    (tmp_path / ARCHIVE).write_bytes(content)
    with pytest.raises(UserError, match=r"not a complete .tar.gz archive"):
        read_cifar10("cifar10", "CIFAR-10", tmp_path)


def test_half_an_archive_is_one_line(tmp_path):
    write_archive(tmp_path / ARCHIVE, {name: c * 50 for name, c in records().items()})
    path = tmp_path / ARCHIVE
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match="archive"):
        read_cifar10("cifar10", "CIFAR-10", tmp_path)


def jpeg(red: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), (red, 0, 255)).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def jpegs() -> dict[str, bytes]:
    counts = {"train": 5 * PER_BATCH, "test": PER_BATCH}
    return {
        f"{part}/{name}/{number:04}.jpg": jpeg(40 * place)
        for part, count in counts.items()
        for place, name in enumerate(("cat", "dog"))
        for number in range(count // 2)
    }


def test_jpeg_copies_are_mixed_and_their_test_images_kept_apart(tmp_path):
    write_archive(tmp_path / JPEG_ARCHIVE, jpegs())
    found = read_cifar10_jpeg("cifar10_jpeg", "CIFAR-10 (JPEG copies)", tmp_path)
    assert len(found.pixels) == 72
    # Planes: the second is dark and the third bright in every image.
    assert found.pixels[:, 1024:2048].max() < 10
    assert found.pixels[:, 2048:].min() > 245
    np.testing.assert_array_equal(found.labels, np.rint(found.pixels[:, 0] / 40))
    assert np.bincount(found.labels[60:]).tolist() == [6, 6]
    assert len(np.unique(found.labels[found.train])) == 2


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"train/cat/9999.jpg": b"no image"}, "61 training and 12 test images"),
        ({"train/cat/0000.jpg": b"no image"}, "is not an image"),
        ({"train/0000.jpg": jpeg(1)}, "not of the form"),
    ],
)
def test_other_jpegs_are_one_line(tmp_path, extra, message):
    write_archive(tmp_path / JPEG_ARCHIVE, jpegs() | extra)
    with pytest.raises(UserError, match=message):
        read_cifar10_jpeg("cifar10_jpeg", "CIFAR-10 (JPEG copies)", tmp_path)
