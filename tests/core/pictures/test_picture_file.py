"""Image files that are damaged, huge, moving or deep."""

import os
import struct
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


def test_a_picture_is_opened_whole(path):
    assert open_picture(path).size == (50, 40)


def test_a_picture_that_claims_many_pixels(path):
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    with pytest.raises(InputError, match=r"unreadable image in .*a\.png: got Image size"):
        open_picture(path)


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
