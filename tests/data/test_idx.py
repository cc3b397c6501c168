"""IDX files are read strictly: anything but the format's exact bytes is refused."""

import gzip
import struct
from functools import partial

import numpy as np
import pytest

from gan_repro.data.idx import read_idx
from gan_repro.errors import UserError

# Without the time of day, which would be in the names of tests.
packed = partial(gzip.compress, mtime=0)
IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def idx(magic=0x0803, shape=(2, 3, 4), payload=None) -> bytes:
    data = IMAGES.tobytes() if payload is None else payload
    return struct.pack(f">I{len(shape)}I", magic, *shape) + data


def test_reads_what_the_format_says(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(packed(idx()))
    np.testing.assert_array_equal(read_idx(path, (2, 3, 4)), IMAGES)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (packed(idx(magic=0x0801)), "magic number 2049, expected 2051"),
        (packed(idx(magic=0x0D03)), "magic number 3331, expected 2051"),
        (packed(idx(magic=0x01000803)), "not an IDX file"),
        (packed(idx(payload=b"short")), "5 bytes of data, not 24"),
        (packed(idx() + b"x"), "more than 24 bytes of data, not 24"),
        (packed(idx()[:10]), "header is cut short"),
        (packed(idx(shape=(2, 4, 3))), "its header says (2, 4, 3), expected (2, 3, 4)"),
        (packed(b""), "not an IDX file"),
        (packed(idx())[:-9], "not a complete gzip file"),
        (idx(), "not a complete gzip file"),
        (packed(idx())[:20] + b"\xff" * 20, "not a complete gzip file"),
    ],
)
def test_refuses_everything_else_in_one_line(tmp_path, content, problem):
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_idx(path, (2, 3, 4))
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(UserError, match="gan-repro fetch mnist"):
        read_idx(tmp_path / "mnist" / "x.gz", (2, 3, 4))
