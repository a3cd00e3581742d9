"""What can be wrong with an image file."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Rng = np.random.Generator


def mode(path: Path, rng: Rng) -> None:
    """Store it with other channels."""
    with Image.open(path) as image:
        image.load()
        found = image.convert(str(rng.choice(["L", "1", "P", "RGBA", "LA", "I", "I;16"])))
    found.save(path)


def other_format(path: Path, rng: Rng) -> None:
    """Store it in another format under the same name."""
    with Image.open(path) as image:
        image.load()
        image.convert("RGB").save(path, str(rng.choice(["JPEG", "GIF", "BMP", "TIFF", "WEBP"])))


def moving(path: Path, rng: Rng) -> None:
    """Let it move."""
    with Image.open(path) as image:
        frame = image.convert("P")
        frame.save(path, "GIF", save_all=True, append_images=[frame.rotate(90)])


def tiny(path: Path, rng: Rng) -> None:
    """Make it a few pixels."""
    size = tuple(int(n) for n in rng.integers(1, 40, 2))
    with Image.open(path) as image:
        found = image.convert("RGB").resize(size)
    found.save(path)


def bomb(path: Path, rng: Rng) -> None:
    """Claim many pixels, of which a few kilobytes are stored."""
    side = int(rng.choice([12_000, 30_000, 2**31 - 1]))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(10**6))), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in parts:
        crc = zlib.crc32(kind + data)
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)
    path.write_bytes(content)


def text_bomb(path: Path, rng: Rng) -> None:
    """Put a comment into it that unfolds to many bytes."""
    content = path.read_bytes()
    data = b"Comment\x00\x00" + zlib.compress(bytes(200_000_000))
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + data))
    path.write_bytes(content[:33] + chunk + content[33:])


def turned(path: Path, rng: Rng) -> None:
    """Let the camera say that it lies on its side, or nothing that makes sense."""
    with Image.open(path) as image:
        exif = image.getexif()
        exif[0x0112] = int(rng.choice([3, 6, 8, 99]))
        image.save(path, exif=exif)


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    "image_mode": mode,
    "image_format": other_format,
    "image_moving": moving,
    "image_tiny": tiny,
    "image_bomb": bomb,
    "image_text_bomb": text_bomb,
    "image_turned": turned,
}
UNKNOWABLE = {"image_mode", "image_format", "image_tiny", "image_turned"}
