"""Stand-ins for TFD and CIFAR-10: folds that no person is on two sides of."""

import numpy as np
import pytest
from PIL import Image

from gan_repro.data import fetch as fetching
from gan_repro.data.embedded import read_patches
from gan_repro.data.faces import (
    LFW_FOLDER,
    download_lfw,
    read_lfw,
    read_subset,
    split_by_person,
)
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


@pytest.fixture
def lfw(tmp_path):
    """A folder as scikit-learn's fetcher leaves it: 40 people, one or two photographs each."""
    for person in range(40):
        folder = tmp_path / LFW_FOLDER / f"Person_{person}"
        folder.mkdir(parents=True)
        for number in range(1 + person % 2):
            photograph = Image.new("RGB", (250, 250), (0, 0, 0))
            photograph.paste((6 * person,) * 3, (61, 61, 189, 189))
            photograph.save(folder / f"Person_{person}_{number:04}.jpg", quality=100)
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


def test_lfw_is_not_downloaded_twice_and_every_photograph_is_listed(lfw):
    paths = download_lfw(lfw, lfw / "SHA256SUMS")
    lines = (lfw / "SHA256SUMS").read_text().splitlines()
    assert len(paths) == len(lines) == 60
    assert lines[0].endswith("lfw_home/lfw_funneled/Person_0/Person_0_0000.jpg")


def test_lfw_without_a_network_is_one_line(tmp_path, monkeypatch):
    def no_network(**options):
        raise OSError("no route")

    monkeypatch.setattr("sklearn.datasets.fetch_lfw_people", no_network)
    with pytest.raises(UserError, match=r"cannot fetch LFW \(no route\)"):
        fetching.fetch("lfw", tmp_path)


def test_lfw_without_photographs_is_one_line(tmp_path):
    with pytest.raises(UserError, match="holds no photographs"):
        read_lfw("lfw", "LFW", tmp_path)


def test_a_damaged_photograph_is_named(lfw):
    path = lfw / LFW_FOLDER / "Person_3/Person_3_0000.jpg"
    path.write_bytes(b"no image")
    with pytest.raises(UserError, match="Person_3_0000.jpg: not an image"):
        read_lfw("lfw", "LFW", lfw)


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
