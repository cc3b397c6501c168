"""Stand-ins for TFD and CIFAR-10: folds that no person is on two sides of."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from gan_repro.data.embedded import read_patches
from gan_repro.data.faces import LFW_ARCHIVE, read_lfw, read_subset, split_by_person
from gan_repro.errors import UserError


def sides(train, folds):
    for fold in folds:
        yield train, fold.valid
        yield train, fold.test
        yield fold.valid, fold.test


def test_no_person_is_on_two_sides_of_a_fold():
    people = np.random.default_rng(0).integers(0, 90, 1_000)
    train, folds = split_by_person(people, train_share=0.7)
    for one, other in sides(train, folds):
        assert not set(people[one]) & set(people[other])
    assert len(train) == pytest.approx(700, abs=30)
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(np.concatenate([train, tested])) == list(range(1_000))
    assert len(folds) == 5


def test_too_few_people_are_one_line():
    with pytest.raises(UserError, match="12 people are too few"):
        split_by_person(np.arange(12), train_share=0.5)


def photograph(shade: int, size=(250, 250), kind="JPEG") -> bytes:
    """A photograph whose centre, where the face is, has a shade of grey."""
    stream, image = io.BytesIO(), Image.new("RGB", size, (0, 0, 0))
    image.paste((shade,) * 3, (61, 61, 189, 189))
    image.save(stream, kind, quality=100)
    return stream.getvalue()


def write_lfw(folder, **changes) -> None:
    """Write an archive as LFW's is: 40 people, one or two photographs each."""
    members = {
        f"lfw_funneled/Person_{person}/Person_{person}_{number:04}.jpg": photograph(6 * person)
        for person in range(40)
        for number in range(1 + person % 2)
    }
    with tarfile.open(folder / LFW_ARCHIVE, "w:gz") as archive:
        for name, content in {**members, **changes}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


@pytest.fixture
def lfw(tmp_path):
    """A folder with the archive."""
    write_lfw(tmp_path)
    return tmp_path


def test_lfw_is_cropped_to_its_centre_at_48_pixels(lfw):
    found = read_lfw("lfw", "LFW", lfw)
    assert found.shape == (48, 48)
    assert found.pixels.shape == (60, 2304)
    inner = found.pixels.reshape(-1, 48, 48)[:, 4:-4, 4:-4]
    assert np.ptp(inner, axis=(1, 2)).max() <= 3
    # Each person is a shade of grey, six apart.
    people = inner[:, 0, 0].astype(int)
    for one, other in sides(found.train, found.folds):
        gap = np.abs(people[one][:, None] - people[other][None]).min()
        assert gap >= 3
    assert len(found.folds) == 5


def test_lfw_without_its_archive_is_one_line(tmp_path):
    with pytest.raises(UserError, match="lfw-funneled.tgz does not exist; run: gan-repro fetch"):
        read_lfw("lfw", "LFW", tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no image", "Person_3_0000.jpg is not an image"),
        (photograph(3, kind="PNG"), "is not an image"),
        (photograph(3, size=(249, 250)), "249 × 250 pixels, not 250 × 250"),
    ],
)
def test_a_damaged_photograph_is_named(tmp_path, content, message):
    write_lfw(tmp_path, **{"lfw_funneled/Person_3/Person_3_0000.jpg": content})
    with pytest.raises(UserError, match=message):
        read_lfw("lfw", "LFW", tmp_path)


def test_the_demos_faces_have_five_folds(tmp_path):
    found = read_subset("faces", "faces", tmp_path)
    assert found.pixels.shape == (100, 625)
    assert len(found.train) == 50
    assert [(len(fold.valid), len(fold.test)) for fold in found.folds] == [(5, 10)] * 5
    for one, other in sides(found.train, found.folds):
        assert not set(one) & set(other)


def test_the_demos_patches_are_distinct_tiles(tmp_path):
    found = read_patches("patches", "patches", tmp_path)
    fold = found.fold(0)
    rows = np.concatenate([found.train, fold.valid, fold.test])
    assert sorted(rows) == list(range(len(found.pixels)))
    assert found.shape == (3, 32, 32)
    assert len(np.unique(found.pixels, axis=0)) > 0.99 * len(found.pixels)
    # A natural image is smooth: neighbouring pixels of a plane differ less than distant ones.
    planes = found.pixels.reshape(-1, 3, 32, 32).astype(float)
    near = np.abs(np.diff(planes, axis=3)).mean()
    assert near < 0.5 * np.abs(planes[..., 16:] - planes[..., :16]).mean()
