"""Images are written once, however often the recording is begun."""

import numpy as np
import pytest

from stages.core.pictures import images as pictures
from stages.core.pictures.images import write_images
from stages.prepare.kept_images import keep_images, place

N = 23
IDS = [f"i{k}" for k in range(N)]


@pytest.fixture
def pixels(rng):
    return rng.integers(0, 256, (N, 8, 6, 3), dtype=np.uint8)


@pytest.fixture
def whole(pixels, tmp_path):
    """What is written in one go."""
    write_images(tmp_path / "whole", IDS, pixels)
    return (tmp_path / "whole").read_bytes()


class Interrupted:
    """Images of which one cannot be had, and how many were."""

    def __init__(self, pixels, at=N):
        self.pixels, self.at, self.taken = pixels, at, 0

    def __getitem__(self, rows):
        assert rows.stop is None
        return self._from(rows.start)

    def _from(self, first):
        for row in range(first, N):
            if row == self.at:
                raise KeyboardInterrupt
            self.taken += 1
            yield self.pixels[row]


@pytest.mark.parametrize("at", [0, 1, 5, 12, 22])
@pytest.mark.parametrize("block", [1, 5, 64])
def test_an_interrupted_file_is_gone_on_with(pixels, whole, tmp_path, block, at):
    folder, again, last = tmp_path / "images", Interrupted(pixels), Interrupted(pixels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "TOGETHER", block)
        with pytest.raises(KeyboardInterrupt):
            keep_images(folder, IDS, Interrupted(pixels, at), "key")
    path = keep_images(folder, IDS, again, "key")
    assert path.read_bytes() == whole
    assert again.taken == N - at // block * block
    assert keep_images(folder, IDS, last, "key") == path
    assert (last.taken, path.read_bytes()) == (0, whole)


def test_other_images_begin_anew(pixels, whole, tmp_path):
    folder = tmp_path / "images"
    keep_images(folder, IDS, Interrupted(pixels[::-1]), "one")
    again = Interrupted(pixels)
    assert keep_images(folder, IDS, again, "other").read_bytes() == whole
    assert again.taken == N


def test_a_damaged_file_begins_anew(pixels, whole, tmp_path):
    path = keep_images(tmp_path / "images", IDS, Interrupted(pixels), "key")
    for content in (whole[:-1], b""):
        path.write_bytes(content)
        assert keep_images(path.parent, IDS, Interrupted(pixels), "key").read_bytes() == whole
    path.unlink()
    assert keep_images(path.parent, IDS, Interrupted(pixels), "key").read_bytes() == whole


def test_a_file_takes_no_room_twice(tmp_path):
    (tmp_path / "one").write_bytes(b"pixels")
    place(tmp_path / "one", tmp_path / "folder" / "two")
    assert (tmp_path / "folder" / "two").samefile(tmp_path / "one")


def test_without_links_it_is_copied(tmp_path, monkeypatch):
    def refuse(path, target):
        raise OSError("no links")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    (tmp_path / "one").write_bytes(b"pixels")
    place(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "two").read_bytes() == b"pixels"
    assert not (tmp_path / "two").samefile(tmp_path / "one")
