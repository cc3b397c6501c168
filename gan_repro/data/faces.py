"""Public faces in TFD's place: Labeled Faces in the Wild, with five folds disjoint by person.

TFD's protocol: most faces only train, the others are validated and tested on in five folds. Nobody
who trains is in a fold's validation or test images, and nobody who validates is in its test images.
"""

from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from skimage.data import lfw_subset

from gan_repro.data.archives import read_members
from gan_repro.data.dataset import Dataset, Fold
from gan_repro.data.images import read_jpeg
from gan_repro.errors import UserError

SIDE, FOLDS = 48, 5
# Width and height of LFW's photographs, and their centre, where the face is.
PHOTOGRAPH = (250, 250)
CROP = (61, 61, 189, 189)
SPLIT_SEED = 0
SUBSET_FACES = 100

LFW_ARCHIVE = "lfw-funneled.tgz"
# Bytes of one photograph, and of all 13,233 in an archive, generously.
LARGEST = 200_000
LFW_TOTAL = 13_233 * 40_000


def split_by_person(people: np.ndarray, train_share: float) -> tuple[np.ndarray, tuple[Fold, ...]]:
    """Return training rows and five folds of (N,) persons; no person is on two sides of a fold.

    People are shuffled by a fixed seed. The first ones train, up to ``train_share`` of the images;
    the others form five groups. Fold k tests on group k and validates on half of group k + 1.

    Raises:
        UserError: fewer than ten people are left for the folds.
    """
    shuffled = np.random.default_rng(SPLIT_SEED).permutation(np.unique(people))
    rows = [np.flatnonzero(people == person) for person in shuffled]
    ends = np.cumsum([len(images) for images in rows]) / len(people)
    first = int(np.searchsorted(ends, train_share)) + 1
    if len(rows) - first < 2 * FOLDS:
        raise UserError(f"{len(rows)} people are too few for five folds; fetch the faces again")
    groups = np.array_split(np.arange(first, len(rows)), 2 * FOLDS)
    halves = [np.concatenate([rows[person] for person in group]) for group in groups]
    folds = tuple(
        Fold(
            valid=np.sort(halves[(2 * number + 2) % len(halves)]),
            test=np.sort(np.concatenate(halves[2 * number : 2 * number + 2])),
        )
        for number in range(FOLDS)
    )
    return np.sort(np.concatenate(rows[:first])), folds


def read_lfw(name: str, title: str, folder: Path) -> Dataset:
    """Read LFW's aligned photographs as 48×48 grey values, split as TFD is.

    Raises:
        UserError: the archive is missing or damaged, or has too few people for five folds.
    """
    archive = folder / LFW_ARCHIVE
    members = read_members(archive, lambda name: name.endswith(".jpg"), LARGEST, LFW_TOTAL)
    paths = sorted(PurePosixPath(member) for member in members)
    people = np.array([path.parent.name for path in paths])
    train, folds = split_by_person(people, train_share=0.7)
    faces = [_read_face(f"{archive}: {path}", members[str(path)]) for path in paths]
    return Dataset(
        name=name,
        title=title,
        shape=(SIDE, SIDE),
        pixels=np.stack(faces),
        labels=np.full(len(paths), -1),
        maximum=255,
        train=train,
        folds=folds,
    )


def _read_face(where: str, content: bytes) -> np.ndarray:
    photograph = read_jpeg(content, where, PHOTOGRAPH)
    face = photograph.convert("L").crop(CROP).resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(face).reshape(-1)


def read_subset(name: str, title: str, folder: Path) -> Dataset:
    """Read the 100 faces of scikit-image's LFW subset, 25×25, each of a person of its own."""
    faces = np.rint(255 * lfw_subset()[:SUBSET_FACES]).astype(np.uint8)
    train, folds = split_by_person(np.arange(SUBSET_FACES), train_share=0.5)
    return Dataset(
        name=name,
        title=title,
        shape=faces.shape[1:],
        pixels=faces.reshape(SUBSET_FACES, -1),
        labels=np.full(SUBSET_FACES, -1),
        maximum=255,
        train=train,
        folds=folds,
    )
