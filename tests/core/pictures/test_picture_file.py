"""Image files that are damaged, huge, moving or deep."""

import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from stages.core.pictures.picture_file import open_picture
from stages.core.run.errors import InputError


@pytest.fixture
def path(tmp_path, rng):
    pixels = rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiled(side, tile):
    """A TIFF of one packed tile, as wide and long as is said."""
    data = zlib.compress(bytes(10_000))
    sizes = [(256, side), (257, side), (258, 8), (259, 8), (262, 1), (277, 1)]
    tags = [*sizes, (322, tile), (323, tile), (324, 10 + 12 * 10 + 4), (325, len(data))]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + data


def test_a_picture_is_opened_whole(path):
    assert open_picture(path).size == (50, 40)


def test_a_picture_that_claims_many_pixels(path):
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    with pytest.raises(InputError, match=r"unreadable image in .*a\.png: got Image size"):
        open_picture(path)


def claim(path, kind):
    """Store few bytes that claim 45 million pixels, or a tile of as many."""
    with Image.open(path) as image:
        kept = image.convert("RGBA" if kind == "WEBP" else "L")
    kept.save(path, "PNG" if kind == "tile" else kind, lossless=True)
    content, side = path.read_bytes(), struct.pack(">H", 6720)
    if kind == "PNG":
        sizes = content[12:16] + 2 * (b"\0\0" + side) + content[24:29]
        content = content[:12] + sizes + struct.pack(">I", zlib.crc32(sizes)) + content[33:]
    elif kind == "JPEG":
        place = content.index(b"\xff\xc0") + 5
        content = content[:place] + 2 * side + content[place + 4 :]
    elif kind == "GIF":
        content = content[:6] + 2 * side[::-1] + content[10:]
    elif kind == "WEBP":
        canvas = b"VP8X" + struct.pack("<IB3x", 10, 18) + 2 * struct.pack("<I", 6719)[:3]
        frame = bytes(6) + struct.pack("<BxxBxx", 49, 39) + bytes(4) + content[12:]
        moving = b"ANIM" + struct.pack("<I6x", 6) + b"ANMF" + struct.pack("<I", len(frame))
        parts = b"WEBP" + canvas + moving + frame
        content = b"RIFF" + struct.pack("<I", len(parts)) + parts
    else:
        content = tiled(*((64, 6720) if kind == "tile" else (6720, 6720)))
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "tile"])
def test_what_is_huge_is_refused_before_it_is_decoded(path, kind):
    claim(path, kind)
    with pytest.raises(InputError, match="expected at most 40000000 pixels, got 6720 × 6720"):
        open_picture(path)
    child = (
        "import resource, sys; from pathlib import Path; from PIL import Image; Image.init()\n"
        "from stages.core.pictures.picture_file import open_picture\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "start = peak()\n"
        "try: open_picture(Path(sys.argv[1]))\n"
        "except Exception: print(peak() - start)"
    )
    done = subprocess.run(
        [sys.executable, "-c", child, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 20_000  # of KiB; 45 million pixels take 44,000 and more


def test_a_comment_that_unfolds_to_many_bytes(path):
    content = path.read_bytes()
    comment = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(10**7)))
    path.write_bytes(content[:33] + comment + content[33:])
    with pytest.raises(InputError, match=r"unreadable image in .*a\.png: got Decompressed data"):
        open_picture(path)


def test_a_picture_that_moves_or_has_deep_channels(path):
    with Image.open(path) as image:
        frame = image.convert("P")
    frame.save(path, "GIF", save_all=True, append_images=[frame.rotate(90)])
    with pytest.raises(InputError, match="expected one frame of 8 bits, got 2 frames"):
        open_picture(path)
    Image.fromarray(np.arange(2500, dtype=np.uint16).reshape(50, 50)).save(path, "PNG")
    with pytest.raises(InputError, match="got mode I;16"):
        open_picture(path)


@pytest.mark.parametrize("kind", ["EPS", "PDF", "ICO", "TGA"])
def test_what_is_no_image_of_pixels_alone(path, kind):
    with Image.open(path) as image:
        image.load()
    image.save(path, kind)
    with pytest.raises(InputError, match=r"unreadable image in .*a\.png: got cannot identify"):
        open_picture(path)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000"])
def test_other_formats_hold_the_same_pixels(path, kind):
    with Image.open(path) as image:
        image.load()
    image.save(path, kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert np.array_equal(np.asarray(open_picture(path)), np.asarray(image))


@pytest.mark.parametrize("kept", [0, 20, 40, 100, -200])
def test_a_picture_that_was_cut(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"(unreadable image|empty file) in .*a\.png"):
        open_picture(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(InputError, match="file not found"):
        open_picture(tmp_path / "a.png")
