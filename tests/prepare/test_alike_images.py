"""Images that are nearly the same are one group, whatever joins them."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from stages.core.pictures.images import write_images
from stages.core.recording.recording_files import write_recording
from stages.prepare.__main__ import main
from stages.prepare.alike_images import BLOCK, SIDE, alike_images, group_alike
from tests.conftest import PROJECT
from tests.encode.image_recordings import make_layers, make_recording


def picture(rng, side=64):
    """Smooth blobs of grey, in three equal channels."""
    small = rng.integers(0, 256, (8, 8), dtype=np.uint8)
    grey = np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))
    return np.repeat(grey[..., None], 3, axis=2)


def blend(one, other, share):
    return (one * (1 - share) + other * share).astype(np.uint8)


def slow(images, least):
    """Groups by a loop over pairs of area means, joined until nothing changes."""
    k = len(images[0]) // SIDE
    grey = [image.mean(axis=2).reshape(SIDE, k, SIDE, k).mean(axis=(1, 3)) for image in images]
    group = list(range(len(images)))
    for i in range(len(images)):
        for j in range(i):
            if np.corrcoef(grey[i].ravel(), grey[j].ravel())[0, 1] >= least:
                group = [group[j] if one == group[i] else one for one in group]
    return group


def same(found, expected):
    pairs = [(a[:, None] == a) for a in (np.asarray(found), np.asarray(expected))]
    return np.array_equal(*pairs)


def test_groups_are_those_of_a_loop(rng):
    kinds = [picture(rng) for _ in range(4)]
    images = [blend(kinds[k % 4], picture(rng), share) for k, share in enumerate(
        np.tile([0.1, 0.3, 0.5], 8))]  # fmt: skip
    for least in (0.5, 0.8, 0.9):
        found = group_alike(images, least)
        assert same(found, slow(images, least))
    assert 4 < len(set(group_alike(images, 0.9))) < len(images)


def test_what_joins_two_joins_them(rng):
    """A chain of steps, of which the ends differ."""
    one, other = picture(rng), picture(rng)
    chain = [blend(one, other, share) for share in np.linspace(0, 1, 9)]
    assert len(set(group_alike([chain[0], chain[-1]], 0.9))) == 2
    assert len(set(group_alike(chain, 0.9))) == 1


def test_light_contrast_and_size_make_no_other_image(rng):
    one, other = picture(rng), picture(rng)
    darker = (one // 2 + 20).astype(np.uint8)
    larger = np.asarray(Image.fromarray(one).resize((128, 128), Image.Resampling.NEAREST))
    assert list(group_alike([one, other, darker, larger], 0.98)) == [0, 1, 0, 0]
    grey = np.full((64, 64, 3), 7, dtype=np.uint8)
    assert len(set(group_alike([grey, grey, one], 0.98))) == 3


def test_copies_are_alike_whatever_is_asked_for(rng):
    """By rounding, half of them were not at 1."""
    for _ in range(20):
        one, other = rng.integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
        assert list(group_alike([one, other, one.copy()], 1.0)) == [0, 1, 0]


def test_blocks_find_the_same_pairs(rng, monkeypatch):
    images = [picture(rng, 32) for _ in range(11)]
    images += [images[0], images[7], images[10]]
    whole = group_alike(images, 0.99)
    assert len(set(whole)) == 11
    assert len(images) < BLOCK
    monkeypatch.setattr("stages.prepare.alike_images.BLOCK", 4)
    np.testing.assert_array_equal(group_alike(images, 0.99), whole)


@pytest.fixture
def recording(rng, tmp_path):
    """A recording whose third and sixth image are one."""
    made = make_recording(make_layers(rng), rng, apart=False)
    ids = list(made.stimuli["id"])
    images = [picture(rng, 32) for _ in ids]
    images[5] = images[2]
    write_images(tmp_path / "recording/images.hdf5", ids, images)
    write_recording(tmp_path / "recording", made, "images.hdf5")
    return tmp_path / "recording", ids


def test_the_command_names_a_group_by_its_first_image(recording, tmp_path):
    folder, ids = recording
    words = ["alike", "--params", PROJECT / "params.yaml", "--recording", folder]
    done = CliRunner().invoke(main, [*map(str, words), "--out", str(tmp_path / "alike.parquet")])
    assert done.exit_code == 0, done.output
    table = pd.read_parquet(tmp_path / "alike.parquet")
    assert list(table["id"]) == ids
    assert list(table["group"]) == [*ids[:5], ids[2], *ids[6:]]


def test_words_are_never_alike(tmp_path):
    table = alike_images(tmp_path, ["a", "b"], 0.9)
    assert list(table["group"]) == ["a", "b"]
