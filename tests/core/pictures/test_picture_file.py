"""Image files that are damaged, huge, moving or deep."""

import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from stages.core.pictures import picture_file
from stages.core.pictures.picture_file import open_picture, rgb_picture
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


def test_as_many_pixels_as_are_allowed(path, monkeypatch):
    assert picture_file.MOST_PIXELS == 40_000_000
    monkeypatch.setattr(picture_file, "MOST_PIXELS", 2000)
    assert open_picture(path).size == (50, 40)
    monkeypatch.setattr(picture_file, "MOST_PIXELS", 1999)
    with pytest.raises(InputError, match=r"huge image .* at most 1999 pixels, got 50 × 40"):
        open_picture(path)


def test_a_tile_as_large_as_is_allowed(path, monkeypatch):
    path.write_bytes(tiled(64, 64))
    monkeypatch.setattr(picture_file, "MOST_PIXELS", 64 * 64)
    assert open_picture(path).size == (64, 64)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_grey(tmp_path, mode):
    """A pixel of full colour, one of none, one half way: 200 and 128 make 164."""
    image = Image.new("RGBA", (3, 1))
    image.putdata([(200, 200, 200, 255), (200, 200, 200, 0), (200, 200, 200, 128)])
    if mode == "P":
        image = Image.new("P", (3, 1))
        image.putpalette([200] * 9)
        image.putdata([0, 1, 2])
        image.save(tmp_path / "a.png", transparency=bytes([255, 0, 128]))
    else:
        image.convert(mode).save(tmp_path / "a.png")
    found = np.asarray(rgb_picture(tmp_path / "a.png"))
    assert found.shape == (1, 3, 3)
    np.testing.assert_array_equal(found[0], np.repeat([[200], [128], [164]], 3, axis=1))


def test_a_picture_is_turned_as_its_camera_says(path):
    with Image.open(path) as image:
        image.load()
    turned = Image.Exif()
    turned[274] = 6  # to be turned right by a quarter
    image.save(path, exif=turned)
    found = np.asarray(rgb_picture(path))
    np.testing.assert_array_equal(found, np.rot90(np.asarray(image), -1))


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "YCbCr"])
def test_other_modes_become_red_green_and_blue(tmp_path, path, mode):
    with Image.open(path) as image:
        other = image.convert(mode)
    other.save(tmp_path / "b.tiff")
    found = rgb_picture(tmp_path / "b.tiff")
    assert found.mode == "RGB"
    assert np.array_equal(np.asarray(found), np.asarray(other.convert("RGB")))


def test_a_tile_is_as_wide_and_long_as_it_says(path, monkeypatch):
    """Either side alone makes it huge."""
    monkeypatch.setattr(picture_file, "MOST_PIXELS", 64 * 64)
    for wide, long in ((80, 64), (64, 80)):
        content = tiled(64, wide).replace(
            struct.pack("<HHII", 323, 4, 1, wide), struct.pack("<HHII", 323, 4, 1, long)
        )
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"huge image .*got {wide} × {long}"):
            open_picture(path)
