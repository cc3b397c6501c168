"""Every kind of file that is read, damaged: it still reads, or ends in one line.

Files are changed byte by byte, and in their values: the digest is right then and what it covers
is wrong.
"""

import gzip
import io
import json
import struct
import tarfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import torch
import yaml
from children import scaled, short, train_here
from PIL import Image

from gan_repro.artifacts.cards import write_card
from gan_repro.artifacts.cells import read_cells
from gan_repro.artifacts.mixing_table import read_records
from gan_repro.config.catalogue import catalogue, load_yaml
from gan_repro.data.archives import read_members
from gan_repro.data.dataset import load
from gan_repro.data.idx import read_idx
from gan_repro.data.images import read_jpeg
from gan_repro.data.tfd import FILE, read_tfd
from gan_repro.errors import UserError
from gan_repro.evaluation.samples import load_samples, origin_of
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.restored import sample
from gan_repro.files import sha256
from gan_repro.training.runs import RunFolder
from gan_repro.training.tensors import load_tensors, save_tensors

EACH = scaled(25, 700)
ODD = [
    None, True, -1, 0, 1e308, 10**30, -0.5, float("nan"), "", "x" * 5_000, "a\nb", "\x00", "~",
    [], {}, [[]], {"": 0}, [1] * 100, "2014-06-10", "../../etc/passwd", "$(touch x)", 10**9,
]  # fmt: skip


# Lists in lists, deeper than a parser's stack.
DEEP: list = []
for _ in range(400):
    DEEP = [DEEP]


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes with some changed, cut out, doubled or put in."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        place, size = int(rng.integers(len(data) + 1)), int(rng.integers(1, 40))
        kind = rng.integers(5)
        if kind == 0:
            data[place : place + 1] = rng.bytes(1)
        elif kind == 1:
            del data[place : place + size]
        elif kind == 2:
            data[place:place] = data[place : place + size]
        elif kind == 3:
            data[place:place] = rng.bytes(size)
        else:
            data = data[:place] if rng.random() < 0.3 else data
            data += rng.bytes(size)
    return bytes(data)


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """Return the path of every value in a JSON value."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in inside:
            found += places(part, (*path, key))
    return found


def changed(value: Any, rng: np.random.Generator) -> Any:
    """Return a copy of a JSON value with a value replaced, removed, or one added."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.integers(1, 3)):
        known = places(value)
        *path, last = known[rng.integers(len(known))]
        holder = value
        for key in path:
            holder = holder[key]
        odd = DEEP if rng.random() < 0.05 else deepcopy(ODD[rng.integers(len(ODD))])
        kind = rng.integers(4)
        if kind == 0:
            del holder[last]
        elif kind == 1 and isinstance(holder, dict):
            holder["new key"] = odd
        else:
            holder[last] = odd
        if odd is DEEP or not places(value):
            break
    return value


class Kind:
    """One kind of file: a good one, what reads it, and how its values are changed."""

    def __init__(self, path: Path, read: Callable[[], Any], change=None) -> None:
        self.path, self.read, self.change = path, read, change
        self.good = path.read_bytes()

    def spoil(self, rng: np.random.Generator) -> None:
        """Write a damaged file."""
        self.path.write_bytes(self.good)
        if self.change is None or rng.random() < 0.3:
            self.path.write_bytes(damaged(self.good, rng))
        else:
            self.change(rng)


def as_json(path: Path) -> Callable:
    good = json.loads(path.read_text(encoding="utf-8"))
    return lambda rng: path.write_text(json.dumps(changed(good, rng)), encoding="utf-8")


def as_yaml(path: Path) -> Callable:
    good = yaml.safe_load(path.read_text(encoding="utf-8"))
    # JSON is YAML, and its writer minds no depth.
    return lambda rng: path.write_text(json.dumps(changed(good, rng)), encoding="utf-8")


def as_tensors(path: Path) -> Callable:
    """Change names, shapes, types or the state of a file whose digest is right."""
    tensors, state = load_tensors(path)

    def change(rng: np.random.Generator) -> None:
        spoilt, name = dict(tensors), sorted(tensors)[rng.integers(len(tensors))]
        kind = rng.integers(6)
        if kind == 0:
            spoilt["other"] = spoilt.pop(name)
        elif kind == 1:
            spoilt[name] = spoilt[name].flatten()[: rng.integers(4)].clone()
        elif kind == 2:
            types = [torch.float64, torch.int8, torch.bool, torch.float16]
            spoilt[name] = spoilt[name].to(types[rng.integers(4)])
        elif kind == 3:
            spoilt[name] = spoilt[name][None]
        elif kind == 4 and spoilt[name].dtype == torch.float32:
            spoilt[name] = torch.full_like(spoilt[name], [torch.inf, torch.nan, 1e30][kind % 3])
        new = changed(state, rng) if kind == 5 else state
        try:
            save_tensors(path, spoilt, new)
        except ValueError:
            # NaN is never written.
            save_tensors(path, spoilt, state)

    return change


def as_arrays(path: Path) -> Callable:
    """Change arrays of an .npz, or claim what is not there."""
    with np.load(path) as file:
        arrays = dict(file)

    def change(rng: np.random.Generator) -> None:
        spoilt, name = dict(arrays), sorted(arrays)[rng.integers(len(arrays))]
        kinds = [
            lambda a: a.astype(str), lambda a: a.ravel()[:0], lambda a: a[None], np.negative,
            lambda a: a.astype(np.float64) * np.nan, lambda a: a.astype(complex), np.zeros_like,
        ]  # fmt: skip
        try:
            spoilt[name] = kinds[rng.integers(len(kinds))](spoilt[name])
        except (TypeError, ValueError, np.exceptions.DTypePromotionError):
            del spoilt[name]
        save = np.savez if rng.random() < 0.8 else np.savez_compressed
        with np.errstate(all="ignore"):
            save(path, **spoilt)

    return change


def as_header(path: Path, good: np.ndarray) -> Callable:
    """Write a header of an .npy by hand."""
    shapes = ["(10**9, 64)", "(-1, 64)", "(5, 64", "(5, 64,)" + " " * 60, "(5.0, 64)", "()", "(0,)"]
    kinds = ["'<f4'", "'|O'", "'<U9'", "'<f8'", "'>f4'", "[('a', '<f4')]", "'<c8'", "'V4'", "'e'"]

    def change(rng: np.random.Generator) -> None:
        shape, kind = shapes[rng.integers(len(shapes))], kinds[rng.integers(len(kinds))]
        text = f"{{'descr': {kind}, 'fortran_order': {rng.random() < 0.5}, 'shape': {shape}, }}\n"
        text = "(" * 5_000 if rng.random() < 0.05 else text
        version = bytes([rng.integers(1, 5), 0])
        size = "<H" if version[0] == 1 else "<I"
        header = b"\x93NUMPY" + version + struct.pack(size, len(text)) + text.encode()
        path.write_bytes(header + good.tobytes())

    return change


def write_tar(path: Path) -> None:
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for number in range(4):
            info = tarfile.TarInfo(f"folder/{number}ä.bin")
            info.size = 100
            archive.addfile(info, io.BytesIO(bytes(100)))


@pytest.fixture(scope="module")
def run(digits, tmp_path_factory) -> Path:
    """A finished run with a score of it."""
    folder = tmp_path_factory.mktemp("run")
    train_here("digits_authors", digits, folder / "seed0")
    return folder / "seed0"


def make_kinds(place: Path, run: Path, digits: Path, monkeypatch) -> dict[str, Kind]:
    """Return every kind of file that the package reads."""
    config = place / "config"
    (config / "experiments").mkdir(parents=True)
    root = Path(__file__).parents[2] / "config"
    for path in (root / "datasets.yaml", *(root / "experiments").glob("*.yaml")):
        (config / path.relative_to(root)).write_bytes(path.read_bytes())
    monkeypatch.chdir(place)
    for name in ("run.json", "model.safetensors", "checkpoint.safetensors"):
        (place / name).write_bytes((run / name).read_bytes())
    folder = RunFolder(place)
    samples = np.random.default_rng(0).random((5, 64), dtype=np.float32)
    np.save(place / "samples.npy", samples)
    grid = {
        "sigma": 0.2, "at_edge": False, "valid_ll": 1.0, "test_ll": 1.0, "test_se": 0.1,
        "sigmas": [0.2], "valid_curve": [1.0],
    }  # fmt: skip
    score = {
        "experiment": "digits_authors", "row": "Adversarial nets", "seed": 0, "epochs": 4,
        "samples_sha256": sha256(place / "samples.npy"),
        "dataset": "digits", "title": "t", "dataset_sha256": "0", "fold": 0,
        "samples": 5, "valid_points": 5, "test_points": 5, "warnings": [],
        "grids": {"authors": grid, "fine": grid},
    }  # fmt: skip
    (place / "parzen.json").write_text(json.dumps([score]))
    mixing = {
        "experiment": "e", "row": "DBN", "seed": 0, "title": "t", "independent": False,
        "chains": 2, "steps": 16, "integrated_time": 2.0, "effective": 16.0, "leak": None,
        "scores": [{"thin": 1, "pixels": "means", "samples": 2, "valid_ll": 1.0, "sigma": 0.2}],
        "autocorrelation": [1.0, 0.5],
    }  # fmt: skip
    (place / "mixing.json").write_text(json.dumps(mixing))
    (place / "digits.npz").write_bytes((digits / "prepared/digits.npz").read_bytes())
    (place / "x.gz").write_bytes(gzip.compress(struct.pack(">4I", 0x803, 2, 3, 4) + bytes(24)))
    write_tar(place / "x.tar.gz")
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), (9, 9, 9)).save(stream, "JPEG")
    (place / "x.jpg").write_bytes(stream.getvalue())
    faces = np.random.default_rng(0).integers(0, 256, (40, 48, 48), dtype=np.uint8)
    folds = np.repeat(np.array([0] * 20 + [1] * 14 + [2] * 2 + [3] * 4)[:, None], 5, axis=1)
    labels = {"labs_ex": np.ones((40, 1)), "labs_id": np.ones((40, 1))}
    scipy.io.savemat(place / FILE, {"images": faces, "folds": folds, **labels})
    tiny, cpu = load(place / "digits.npz"), torch.device("cpu")

    def resume() -> None:
        copy = place / "copy"
        copy.mkdir(exist_ok=True)
        (copy / "checkpoint.safetensors").write_bytes(folder.checkpoint.read_bytes())
        train_here("digits_authors", digits, copy, experiment=short("digits_authors"))

    gsn, jpeg = config / "experiments/digits_gsn.yaml", place / "x.jpg"
    return {
        "run.json": Kind(folder.record, lambda: write_card(folder), as_json(folder.record)),
        "origin": Kind(folder.record, lambda: origin_of(place / "samples.npy")),
        "parzen.json": Kind(
            place / "parzen.json",
            lambda: read_cells([place / "parzen.json"]),
            as_json(place / "parzen.json"),
        ),
        "mixing.json": Kind(
            place / "mixing.json",
            lambda: read_records([place / "mixing.json"]),
            as_json(place / "mixing.json"),
        ),
        "experiment": Kind(gsn, lambda: load_experiment("digits_gsn"), as_yaml(gsn)),
        "yaml": Kind(gsn, lambda: load_yaml(gsn)),
        "datasets.yaml": Kind(
            config / "datasets.yaml", catalogue, as_yaml(config / "datasets.yaml")
        ),
        "model": Kind(
            folder.weights, lambda: sample(folder.weights, 3, 0, cpu), as_tensors(folder.weights)
        ),
        "checkpoint": Kind(folder.checkpoint, resume, as_tensors(folder.checkpoint)),
        "samples.npy": Kind(
            place / "samples.npy",
            lambda: load_samples(place / "samples.npy", tiny),
            as_header(place / "samples.npy", samples),
        ),
        "prepared.npz": Kind(
            place / "digits.npz",
            lambda: load(place / "digits.npz"),
            as_arrays(place / "digits.npz"),
        ),
        "idx": Kind(place / "x.gz", lambda: read_idx(place / "x.gz", (2, 3, 4))),
        "tar": Kind(place / "x.tar.gz", lambda: read_members(place / "x.tar.gz", bool, 100, 1_000)),
        "jpeg": Kind(jpeg, lambda: read_jpeg(jpeg.read_bytes(), "x.jpg", (32, 32))),
        "mat": Kind(place / FILE, lambda: read_tfd("tfd", "TFD", place)),
    }


KINDS = (
    "run.json", "origin", "parzen.json", "mixing.json", "experiment", "yaml", "datasets.yaml",
    "model", "checkpoint", "samples.npy", "prepared.npz", "idx", "tar", "jpeg", "mat",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_reads_or_ends_in_one_line(
    name, tmp_path, run, digits, monkeypatch, chance, say
):
    kind, refused = make_kinds(tmp_path, run, digits, monkeypatch)[name], 0
    kind.read()
    for _ in range(EACH):
        kind.spoil(chance)
        try:
            kind.read()
        except UserError:
            refused += 1
    assert refused > EACH / 20
    say(f"{name}: {EACH} damaged files, {refused} refused in one line, no other error")
