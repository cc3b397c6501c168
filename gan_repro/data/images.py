"""Photographs from archives: JPEG alone, and no larger than they should be."""

import io

from PIL import Image

from gan_repro.errors import reading


def read_jpeg(content: bytes, where: str, size: tuple[int, int]) -> Image.Image:
    """Decode an image whose width and height are known.

    They are compared with its header first: decoding takes memory by the pixel.

    Args:
        content: of the file.
        where: it is from, for messages.
        size: width and height.

    Raises:
        UserError: it is no complete JPEG image of that size.
    """
    with (
        reading(where, "is not an image", "fetch it again"),
        Image.open(io.BytesIO(content), formats=["JPEG"]) as image,
    ):
        if image.size != size:
            raise ValueError(f"{image.size[0]} × {image.size[1]} pixels, not {size[0]} × {size[1]}")
        image.load()
        return image
