"""CIFAR-10 from its binary archive, or from an archive of JPEG copies, with the authors' split.

Images are contrast-normalised when they are read (see `gan_repro.data.spaces`); the prepared file
keeps their bytes.
"""

import re
from pathlib import Path

import numpy as np

from gan_repro.data.archives import read_members
from gan_repro.data.dataset import Dataset, Fold
from gan_repro.data.images import read_jpeg
from gan_repro.errors import UserError

ARCHIVE = "cifar-10-binary.tar.gz"
BATCHES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
ROWS = 10_000
SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32

JPEG_ARCHIVE = "cifar10-jpeg.tar.gz"
JPEG_NAME = re.compile(r"(train|test)/([a-z]+)/([0-9]{4})\.jpg")
# The largest copy has 1.5 kB, and each occupies a whole number of blocks of the archive.
JPEG_BYTES = 100_000
JPEG_TOTAL = 60_000 * 4_096
# The copies are sorted by class, and what order they had is lost; this one mixes the classes.
JPEG_ORDER_SEED = 0

TRAIN, VALID = 40_000, 10_000


def read_cifar10(name: str, title: str, folder: Path) -> Dataset:
    """Read CIFAR-10: batches 1 to 5 in order, 40,000 train and 10,000 validate, then 10,000 test.

    Raises:
        UserError: the archive is missing, damaged, or does not hold CIFAR-10's six batches.
    """
    path = folder / ARCHIVE
    size = ROWS * RECORD
    members = read_members(path, lambda name: Path(name).name in BATCHES, size, 6 * size)
    batches = {Path(member).name: content for member, content in members.items()}
    records = np.concatenate([_records(path, batch, batches.get(batch, b"")) for batch in BATCHES])
    return _dataset(name, title, records[:, 1:], records[:, 0])


def _records(path: Path, batch: str, content: bytes) -> np.ndarray:
    if len(content) != ROWS * RECORD:
        raise UserError(
            f"{path}: {batch} has {len(content)} bytes, expected {ROWS * RECORD}; fetch {ARCHIVE}"
        )
    records = np.frombuffer(content, np.uint8).reshape(ROWS, RECORD)
    if records[:, 0].max() > 9:
        raise UserError(f"{path}: {batch} has labels above 9, so it is not CIFAR-10")
    return records


def read_cifar10_jpeg(name: str, title: str, folder: Path) -> Dataset:
    """Read the JPEG copies, shuffled by a fixed permutation: 40,000 / 10,000 / 10,000.

    Raises:
        UserError: the archive is missing, damaged, or does not hold 50,000 and 10,000 images.
    """
    path = folder / JPEG_ARCHIVE
    members = read_members(path, lambda name: name.endswith(".jpg"), JPEG_BYTES, JPEG_TOTAL)
    names = {"train": [], "test": []}
    for member in sorted(members):
        match = JPEG_NAME.fullmatch(member)
        if not match:
            raise UserError(f"{path}: '{member}' is not of the form train/<class>/<number>.jpg")
        names[match[1]].append(member)
    if [len(part) for part in names.values()] != [TRAIN + VALID, ROWS]:
        raise UserError(
            f"{path}: {len(names['train'])} training and {len(names['test'])} test images, "
            f"expected {TRAIN + VALID} and {ROWS}"
        )
    rng = np.random.default_rng(JPEG_ORDER_SEED)
    ordered = [names[part][row] for part in names for row in rng.permutation(len(names[part]))]
    classes = sorted({member.split("/")[1] for member in ordered})
    pixels = np.stack([_decode(path, member, members[member]) for member in ordered])
    labels = np.array([classes.index(member.split("/")[1]) for member in ordered])
    return _dataset(name, title, pixels, labels)


def _decode(path: Path, member: str, content: bytes) -> np.ndarray:
    """Return one (3072,) image: its red plane, then the green and the blue one."""
    image = read_jpeg(content, f"{path}: {member}", SHAPE[:0:-1]).convert("RGB")
    return np.asarray(image).transpose(2, 0, 1).reshape(-1)


def _dataset(name: str, title: str, pixels: np.ndarray, labels: np.ndarray) -> Dataset:
    rows = np.arange(len(pixels))
    return Dataset(
        name=name,
        title=title,
        shape=SHAPE,
        pixels=np.ascontiguousarray(pixels),
        labels=labels,
        maximum=255,
        train=rows[:TRAIN],
        folds=(Fold(valid=rows[TRAIN : TRAIN + VALID], test=rows[TRAIN + VALID :]),),
        space="contrast",
    )
