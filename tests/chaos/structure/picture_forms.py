"""Images of another mode, size or kind of file than they were."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Form, Rng, forms
from tests.chaos.trial import UnfitError


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
    return image.convert("RGB")


def inks(path: Path, rng: Rng) -> None:
    """Store it in the four colours of print."""
    _open(path).convert("CMYK").save(path, "JPEG", quality=95)


def luminance(path: Path, rng: Rng) -> None:
    """Store it as luminance and two differences."""
    _open(path).convert("YCbCr").save(path, "TIFF")


def deep(path: Path, rng: Rng) -> None:
    """Store it with 16 bits per pixel."""
    grey = np.asarray(_open(path).convert("L"), dtype=np.uint16) * 257
    Image.fromarray(grey).save(path, "PNG")


def deep_colours(path: Path, rng: Rng) -> None:
    """Store it with 16 bits per channel, which Pillow opens as 8."""
    pixels = np.asarray(_open(path))
    height, width, _ = pixels.shape
    rows = (pixels.astype(">u2") * 257).reshape(height, -1)
    data = b"".join(b"\x00" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for kind, part in ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")):
        crc = struct.pack(">I", zlib.crc32(kind + part))
        content += struct.pack(">I", len(part)) + kind + part + crc
    path.write_bytes(content)


def fractions(path: Path, rng: Rng) -> None:
    """Store it as fractions."""
    Image.fromarray(np.asarray(_open(path).convert("L"), dtype=np.float32) / 255).save(path, "TIFF")


def flags(path: Path, rng: Rng) -> None:
    """Store it in black and white."""
    _open(path).convert("1").save(path, "PNG")


def palette_seen_through(path: Path, rng: Rng) -> None:
    """Store it with a palette, of which a colour is seen through."""
    _open(path).convert("P", palette=Image.Palette.ADAPTIVE).save(path, "PNG", transparency=3)


def covered(path: Path, rng: Rng) -> None:
    """Add a channel that covers everything."""
    _open(path).convert("RGBA").save(path, "PNG")


def seen_through(path: Path, rng: Rng) -> None:
    """Add a channel that covers nothing."""
    image = _open(path)
    image.putalpha(0)
    image.save(path, "PNG")


def moving(path: Path, rng: Rng) -> None:
    """Let it move, in a format that shows its first frame elsewhere."""
    image = _open(path)
    kind = str(rng.choice(["PNG", "WEBP", "TIFF"]))
    image.save(path, kind, save_all=True, append_images=[image.rotate(90)])


def lain_down(path: Path, rng: Rng) -> None:
    """Store it on its side, and say so as cameras do."""
    image = _open(path)
    exif = Image.Exif()
    exif[0x0112] = 6
    image.transpose(Image.Transpose.ROTATE_90).save(path, "PNG", exif=exif)


def on_its_side(path: Path, rng: Rng) -> None:
    """Store it on its side, and say nothing."""
    _open(path).transpose(Image.Transpose.ROTATE_90).save(path, "PNG")


def one_pixel(path: Path, rng: Rng) -> None:
    """Keep one pixel."""
    _open(path).resize((1, 1)).save(path, "PNG")


def one_line(path: Path, rng: Rng) -> None:
    """Keep one line."""
    image = _open(path)
    image.resize((image.width, 1)).save(path, "PNG")


def enormous(path: Path, rng: Rng) -> None:
    """Make it of 200 million pixels, in a small file."""
    image = Image.new("L", (20_000, 10_000))
    image.paste(_open(path).convert("L"))
    image.save(path, "PNG")


def large(path: Path, rng: Rng) -> None:
    """Make it ten times as large."""
    image = _open(path)
    image.resize((10 * image.width, 10 * image.height)).save(path, "PNG")


def other_file(path: Path, rng: Rng) -> None:
    """Store the same pixels in another format under the same name."""
    kind = str(rng.choice(["BMP", "TIFF", "PPM"]))
    _open(path).save(path, kind)


def webp(path: Path, rng: Rng) -> None:
    """Store the same pixels as WebP, which loses nothing."""
    _open(path).save(path, "WEBP", lossless=True, exact=True)


def laced(path: Path, rng: Rng) -> None:
    """Store the same with remarks, a resolution and less packing."""
    about = PngImagePlugin.PngInfo()
    about.add_text("Author", "somebody")
    _open(path).save(path, "PNG", pnginfo=about, dpi=(300, 300), compress_level=0)


def drawing(path: Path, rng: Rng) -> None:
    """Describe it as a drawing."""
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"/>')


def document(path: Path, rng: Rng) -> None:
    """Store it as a document."""
    _open(path).save(path, "PDF")


def same_colour(path: Path, rng: Rng) -> None:
    """Let all pixels be of one colour."""
    image = _open(path)
    if image.width < 32 or image.height < 32:
        raise UnfitError
    Image.new("RGB", image.size, (9, 90, 200)).save(path, "PNG")


FORMS: dict[str, Form] = {
    **forms(
        "picture", REFUSED,
        deep, fractions, moving, one_pixel, one_line, enormous, drawing, document, same_colour,
    ),
    **forms("picture", EQUAL, covered, lain_down, other_file, webp, laced, deep_colours),
    **forms(
        "picture", DIFFERENT,
        inks, luminance, flags, palette_seen_through, seen_through, on_its_side, large,
    ),
}  # fmt: skip
