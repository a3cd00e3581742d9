"""Image files of other people's making: what is damaged, huge, moving or deep is refused.

So is what is no image of pixels: Pillow would let another program draw a PostScript file.
"""

import struct
import warnings
import zlib
from pathlib import Path

from PIL import Image, ImageOps

from stages.core.run.errors import InputError
from stages.core.run.files import require_file

MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")  # of 8 bits per channel
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "PPM", "JPEG2000")
GREY = (128, 128, 128)  # behind what is transparent
OBTAIN = "Save it anew as a PNG or JPEG file of 8 bits per channel."
# Of an image, or of one tile of a TIFF: to decode more takes above a gigabyte of memory.
MOST_PIXELS = 40_000_000
TILE = (322, 323)  # the tags of a TIFF that say how wide and long its tiles are
# What Pillow raises of a file that is damaged, or unfolds to more than any image has.
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    OverflowError,
    MemoryError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)


def open_picture(path: Path) -> Image.Image:
    """Open an image file whole; what it claims is looked at before anything is decoded.

    Raises
    ------
    InputError
        If it is damaged or of no format of `FORMATS`, has more than `MOST_PIXELS`, moves, or has
        more than 8 bits per channel.
    """
    require_file(path, OBTAIN)
    try:
        with warnings.catch_warnings(), path.open("rb") as stream:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(stream, formats=FORMATS)
            _check_claims(image, path)
            image.load()
    except UNREADABLE as error:
        raise InputError("unreadable image", where=path, got=error, do=OBTAIN) from error
    return image


def rgb_picture(path: Path) -> Image.Image:
    """Open an image file as red, green and blue.

    It is turned as its camera says; what is transparent becomes grey.

    Raises
    ------
    InputError
        As of `open_picture`.
    """
    image = ImageOps.exif_transpose(open_picture(path))
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, (*GREY, 255)), layer)
    return image.convert("RGB")


def _check_claims(image: Image.Image, path: Path) -> None:
    """Raise `InputError` if the header says that an image is huge, moves or is deep."""
    tags = getattr(image, "tag_v2", {})
    for width, height in (image.size, tuple(int(tags.get(tag, 0)) for tag in TILE)):
        if width * height > MOST_PIXELS:
            expected, got = f"at most {MOST_PIXELS} pixels", f"{width} × {height}"
            do = "Save it smaller."
            raise InputError("huge image", where=path, expected=expected, got=got, do=do)
    frames, mode = getattr(image, "n_frames", 1), image.mode
    if frames > 1 or mode not in MODES:
        expected, got = "one frame of 8 bits", f"{frames} frames" if frames > 1 else f"mode {mode}"
        raise InputError("image of another kind", where=path, expected=expected, got=got, do=OBTAIN)
