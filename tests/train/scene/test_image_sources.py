"""Which images there are, and of which class: by folders and columns as small as can be."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages.core.run.errors import InputError
from stages.train.scene.image_sources import categories, folder_images, open_labelled


def picture(path, colour, size=(8, 9)):
    """A picture of one colour with a dark corner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((size[1], size[0], 3), colour, dtype=np.uint8)
    pixels[0, 0] = 0
    Image.fromarray(pixels).save(path)


def test_a_folder_of_each_class(tmp_path):
    for colour, name in enumerate(("b/2.png", "b/1.PNG", "a/deep/x.bmp", "c/y.webp"), 10):
        picture(tmp_path / name, colour)
    (tmp_path / "b/notes.txt").touch()
    (tmp_path / "README.md").touch()
    found = folder_images(tmp_path)
    assert found.classes == ("a", "b", "c")
    assert found.labels.tolist() == [0, 1, 1, 2]
    assert found.labels.dtype == np.int64
    assert found.given is None
    assert [np.asarray(found.read(row))[-1, -1, 0] for row in range(3)] == [12, 11, 10]
    names = ["a/deep/x.bmp", "b/1.PNG", "b/2.png", "c/y.webp"]
    listing = "\n".join(f"{name} {(tmp_path / name).stat().st_size}" for name in names)
    assert found.digest == hashlib.sha256(listing.encode()).hexdigest()


def test_what_is_held_out_is_in_a_folder_of_its_own(tmp_path):
    for name in ("train/a/1.png", "train/b/1.png", "train/b/2.png", "val/a/1.png", "val/b/1.png"):
        picture(tmp_path / name, 50)
    found = folder_images(tmp_path)
    assert found.labels.tolist() == [0, 1, 1, 0, 1]
    assert found.given.tolist() == [False, False, False, True, True]
    picture(tmp_path / "val/c/1.png", 50)
    with pytest.raises(InputError, match="other classes in .*val: expected those of train, got c"):
        folder_images(tmp_path)


def test_a_folder_that_is_called_train_alone_is_a_class(tmp_path):
    for name in ("train/1.png", "other/1.png"):
        picture(tmp_path / name, 50)
    assert folder_images(tmp_path).classes == ("other", "train")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/1.png"], "to tell apart .*got 1 classes"),
        (["a/1.png", "b/1.txt"], "to tell apart .*got none in b"),
        ([], "got 0 classes"),
    ],
)
def test_classes_without_images(tmp_path, names, message):
    for name in names:
        if name.endswith("png"):
            picture(tmp_path / name, 50)
        else:
            (tmp_path / name).parent.mkdir()
            (tmp_path / name).touch()
    with pytest.raises(InputError, match=message):
        folder_images(tmp_path)


def test_files_that_are_no_pictures(tmp_path):
    with pytest.raises(InputError, match="folder not found"):
        folder_images(tmp_path / "absent")
    for name, size in (("a/1.png", (8, 8)), ("a/2.png", (7, 20)), ("b/1.png", (20, 7))):
        picture(tmp_path / name, 50, size)
    found = folder_images(tmp_path)
    assert found.read(0).size == (8, 8)
    for row, told in ((1, "7 × 20"), (2, "20 × 7")):
        with pytest.raises(InputError, match=f"too small in .*at least 8 pixels, got {told}"):
            found.read(row)
    (tmp_path / "b/2.png").mkdir()
    with pytest.raises(InputError, match="not a file in .*2.png"):
        folder_images(tmp_path)


def table(**columns):
    return pd.DataFrame({f"category/{name}": values for name, values in columns.items()})


def test_the_class_is_the_category_with_most_objects_of_equals_the_rarest():
    """Cats are on three images, dogs on two, cars on four; the fifth image shows none."""
    counts = table(cat=[1, 2, 3, 0, 0], dog=[1, 2, 0, 0, 0], never=[0] * 5, car=[1, 1, 3, 9, 0])
    counts.insert(0, "faces", 99)
    classes, labels = categories(counts, "here")
    assert classes == ("cat", "dog", "car")
    assert labels.tolist() == [1, 1, 0, 2, -1]
    assert labels.dtype == np.int64


def test_more_objects_count_before_rarity():
    """A category of one image alone has the greatest advantage, which is less than an object."""
    counts = table(rare=[1, 0, 0], often=[2, 1, 1])
    classes, labels = categories(counts, "here")
    assert (classes, labels.tolist()) == (("often",), [0, 0, 0])


@pytest.mark.parametrize(
    "counts", [table(a=[0, 0]), pd.DataFrame({"faces": [1, 2]}), table(a=[0, -1])]
)
def test_without_objects_there_are_no_classes(counts):
    with pytest.raises(InputError, match="no categories in here"):
        categories(counts, "here")


def test_images_are_of_a_recording_or_of_a_folder(tmp_path):
    for recording, folder in ((None, None), (tmp_path, tmp_path)):
        with pytest.raises(InputError, match="which images"), open_labelled(recording, folder):
            pass
    for name in ("a/1.png", "b/1.png"):
        picture(tmp_path / name, 50)
    with open_labelled(None, tmp_path) as found:
        assert found.classes == ("a", "b")
