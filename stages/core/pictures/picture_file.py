"""Image files of other people's making: what is damaged, huge, moving or deep is refused.

So is what is no image of pixels: Pillow would let another program draw a PostScript file.
"""

import struct
import warnings
import zlib
from pathlib import Path

from PIL import Image

from stages.core.run.errors import InputError
from stages.core.run.files import require_file

MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")  # of 8 bits per channel
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "PPM", "JPEG2000")
OBTAIN = "Save it anew as a PNG or JPEG file of 8 bits per channel."
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
    """Open an image file whole.

    Raises
    ------
    InputError
        If it is damaged or huge or of no format of `FORMATS`, moves, or has more than 8 bits per
        channel.
    """
    require_file(path, OBTAIN)
    try:
        with warnings.catch_warnings(), path.open("rb") as stream:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(stream, formats=FORMATS)
            frames, mode = getattr(image, "n_frames", 1), image.mode
            image.load()
    except UNREADABLE as error:
        raise InputError("unreadable image", where=path, got=error, do=OBTAIN) from error
    if frames > 1 or mode not in MODES:
        got = f"{frames} frames" if frames > 1 else f"mode {mode}"
        raise InputError(
            "image of another kind", where=path, expected="one frame of 8 bits", got=got, do=OBTAIN
        )
    return image
