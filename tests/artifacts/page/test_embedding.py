import base64
import io

import numpy as np
import pytest
from PIL import Image

from gan_repro.artifacts.page import embedding
from gan_repro.artifacts.page.embedding import Embedded, embedded
from gan_repro.errors import UserError


def picture(found: Embedded) -> Image.Image:
    head, _, content = found.source.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def noise(path, width: int, height: int):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_a_small_picture_stays_byte_for_byte(tmp_path):
    path = noise(tmp_path / "a.png", 40, 20)
    found = embedded(path)
    assert base64.b64decode(found.source.partition(",")[2]) == path.read_bytes()
    assert (found.width, found.height) == (40, 20)


def test_a_larger_one_gets_a_palette_and_then_fewer_pixels(tmp_path, monkeypatch):
    path = noise(tmp_path / "a.png", 3600, 40)
    monkeypatch.setattr(embedding, "LARGEST", 250_000)
    found = picture(embedded(path))
    assert (found.mode, found.size) == ("P", (3600, 40))
    monkeypatch.setattr(embedding, "LARGEST", 100_000)
    found = embedded(path)
    assert (found.width, found.height) == (1800, 20)
    assert picture(found).size == (1800, 20)


def test_one_that_is_too_large_even_so_says_so(tmp_path, monkeypatch):
    path = noise(tmp_path / "a.png", 100, 100)
    monkeypatch.setattr(embedding, "LARGEST", 100)
    with pytest.raises(UserError, match=r"a\.png is too large for this page"):
        embedded(path)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nand nothing more"])
def test_what_is_no_picture_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UserError, match="is not a picture"):
        embedded(tmp_path / "a.png")
