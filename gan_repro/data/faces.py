"""Public faces in TFD's place: Labeled Faces in the Wild, with five folds disjoint by person.

TFD's protocol: most faces only train, the others are validated and tested on in five folds. Nobody
who trains is in a fold's validation or test images, and nobody who validates is in its test images.
"""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from skimage.data import lfw_subset

from gan_repro.data.dataset import Dataset, Fold
from gan_repro.errors import UserError
from gan_repro.files import sha256, write_text

SIDE, FOLDS = 48, 5
# The centre of LFW's 250 × 250 pixels, where the face is.
CROP = (61, 61, 189, 189)
SPLIT_SEED = 0
SUBSET_FACES = 100

# Where scikit-learn's fetcher puts the aligned photographs, one folder per person.
LFW_FOLDER = Path("lfw_home/lfw_funneled")


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
        UserError: the photographs are missing, too few for five folds, or damaged.
    """
    root = folder / LFW_FOLDER
    paths = sorted(root.glob("*/*.jpg"))
    if not paths:
        raise UserError(f"{root} holds no photographs; run: gan-repro fetch {name}")
    people = np.array([path.parent.name for path in paths])
    train, folds = split_by_person(people, train_share=0.7)
    return Dataset(
        name=name,
        title=title,
        shape=(SIDE, SIDE),
        pixels=np.stack([_read_face(path) for path in paths]),
        labels=np.full(len(paths), -1),
        maximum=255,
        train=train,
        folds=folds,
    )


def _read_face(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as photograph:
            face = photograph.convert("L").crop(CROP).resize((SIDE, SIDE), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError) as error:
        raise UserError(f"{path}: not an image ({error}); delete it and fetch again") from error
    return np.asarray(face).reshape(-1)


def download_lfw(folder: Path, sums: Path) -> list[Path]:
    """Let scikit-learn fetch and verify LFW; list every photograph's SHA-256 in ``sums``.

    Raises:
        UserError: the archive cannot be downloaded.
    """
    from sklearn.datasets import fetch_lfw_people

    root = folder / LFW_FOLDER
    if not root.is_dir():
        try:
            # The fetcher also decodes the people it returns; only one has 500 photographs.
            fetch_lfw_people(data_home=folder, min_faces_per_person=500)
        except (OSError, ValueError, ImportError) as error:
            raise UserError(
                f"cannot fetch LFW ({' '.join(str(error).split())[:100]}); put its aligned "
                f"photographs in {root}/<person>/, or run the demo, which needs no download"
            ) from error
    paths = sorted(root.glob("*/*.jpg"))
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    write_text(sums, "".join(lines))
    return paths


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
