"""Labelled pictures show their category and nothing else, the same for the same seed."""

from collections import defaultdict

import numpy as np
import pytest
from PIL import Image

from stages.simulate.scene import class_pictures
from stages.simulate.scene.class_pictures import write_pictures
from stages.simulate.scene.scenery import CATEGORIES, imagine


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two pictures of each category, and the scenes that were drawn, by order."""
    out, scenes, draw = tmp_path_factory.mktemp("pictures"), [], class_pictures.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            class_pictures, "draw", lambda scene, rng: scenes.append(scene) or draw(scene, rng)
        )
        write_pictures(out, 2, 24, seed=5)
    return out, scenes


def pixels(path):
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image)


def test_a_folder_of_each_category_with_numbered_pictures(written):
    out, _ = written
    assert {path.name for path in out.iterdir()} == {name.replace(" ", "_") for name in CATEGORIES}
    for folder in out.iterdir():
        assert sorted(path.name for path in folder.iterdir()) == ["0000.png", "0001.png"]
        for path in folder.iterdir():
            assert pixels(path).shape == (24, 24, 3)


def test_only_things_of_the_category_are_drawn(written):
    _, scenes = written
    drawn = defaultdict(set)
    for number, scene in enumerate(scenes):
        drawn[CATEGORIES[number // 2]] |= {thing.category for thing in scene.things}
    assert drawn == {name: {name} for name in CATEGORIES}
    assert len(scenes) == 2 * len(CATEGORIES)


def test_pictures_differ_and_are_not_flat(written):
    seen = [pixels(path) for path in written[0].rglob("*.png")]
    assert len({one.tobytes() for one in seen}) == len(seen)
    assert min(one.std() for one in seen) > 5


def test_the_same_seed_writes_the_same_pictures(written, tmp_path):
    write_pictures(tmp_path / "again", 1, 24, seed=5)
    write_pictures(tmp_path / "other", 1, 24, seed=6)
    for path in (tmp_path / "again").rglob("*.png"):
        name = path.relative_to(tmp_path / "again")
        assert path.read_bytes() == (written[0] / name).read_bytes()
        assert path.read_bytes() != (tmp_path / "other" / name).read_bytes()


def test_scenes_are_not_those_that_people_see(tmp_path, monkeypatch):
    """Of the same seed: none that is thought of, drawn or not, is among those of the study."""
    thought = []
    monkeypatch.setattr(
        class_pictures, "imagine", lambda rng: thought.append(imagine(rng)) or thought[-1]
    )
    write_pictures(tmp_path, 1, 16, seed=5)
    shown = [imagine(rng) for rng in np.random.default_rng([5, 1]).spawn(200)]
    assert len(thought) > len(CATEGORIES)
    assert not [scene for scene in thought if scene in shown]
