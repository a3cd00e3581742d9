import os
import signal

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from stages.core.pictures import images as module
from stages.core.pictures.images import check_image, fill_images, open_images, write_images
from stages.core.run.errors import InputError

IDS = ["a", "b", "ç"]


@pytest.fixture
def pictures(rng):
    return list(rng.integers(0, 256, (3, 6, 4, 3), dtype=np.uint8))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "images.hdf5"


def test_images_survive_a_round_trip(path, pictures):
    write_images(path, IDS, iter(pictures))
    with open_images(path, IDS) as images:
        assert (images.shape, images.dtype) == ((3, 6, 4, 3), np.uint8)
        assert_array_equal(images[1], pictures[1])
        assert_array_equal(images[1:], pictures[1:])


def test_what_a_killed_process_left_goes_with_the_next(path, pictures):
    def killed():
        yield pictures[0]
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        write_images(path, IDS, killed())
    os.waitpid(child, 0)
    assert [one.name.endswith(".partial") for one in path.parent.iterdir()] == [True]
    write_images(path, IDS, pictures)
    assert list(path.parent.iterdir()) == [path]


def test_the_same_images_make_the_same_bytes(path, pictures):
    write_images(path, IDS, pictures)
    other = path.with_name("other.hdf5")
    write_images(other, IDS, pictures)
    assert path.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda image: image[:5], r"of another size .*image b: expected \(6, 4, 3\), got \(5, "),
        (lambda image: image[..., 0], "not an image .*image b.* got uint8, 6 × 4"),
        (lambda image: image / 255, "not an image .*got float64, 6 × 4 × 3"),
        (lambda image: image * 0, r"blank image .*image b: got colour \[0, 0, 0\]"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(path, pictures, change, message):
    pictures[1] = change(pictures[1])
    with pytest.raises(InputError, match=message):
        write_images(path, IDS, pictures)
    assert list(path.parent.iterdir()) == []


def test_images_of_other_stimuli_are_refused(path, pictures):
    write_images(path, IDS, pictures)
    with (
        pytest.raises(InputError, match="ids differ .*row 1: expected 'x', got 'b'"),
        open_images(path, ["a", "x", "ç"]),
    ):
        pass


def test_unreadable_images(path, pictures):
    with pytest.raises(InputError, match="file not found .*dvc repro"), open_images(path, IDS):
        pass
    write_images(path, IDS, pictures)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match="unreadable hdf5"), open_images(path, IDS):
        pass


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5, 3), (6, 4, 3)])
def test_one_colour_is_no_picture_but_one_odd_value_is_enough(shape):
    image = np.full(shape, 7, np.uint8) + np.arange(3, dtype=np.uint8)
    with pytest.raises(InputError, match=r"colour \[7, 8, 9\] throughout"):
        check_image(image, "here")
    if shape != (1, 1, 3):
        for place in (0, image.size // 2, image.size - 1):
            odd = image.copy()
            odd.ravel()[place] += 1
            check_image(odd, "here")
        check_image(np.asfortranarray(odd), "here")


def test_a_file_that_was_left_is_gone_on_with(path, rng):
    """It says after each 64 images that they are there, counted from the first of the file."""
    pictures = list(rng.integers(0, 256, (150, 2, 2, 3), dtype=np.uint8))
    ids = [f"i{k}" for k in range(150)]
    begun = fill_images(path, ids, iter(pictures), 0)
    assert next(begun) == 64
    begun.close()
    assert list(fill_images(path, ids, pictures[64:], 64)) == [128, 150]
    with open_images(path, ids) as images:
        assert_array_equal(images[:], pictures)
    assert list(fill_images(path, ids[:128], pictures[:128], 0)) == [64, 128, 128]


def test_an_image_that_is_missing_or_one_too_many(path, pictures):
    for given in (pictures[:2], [*pictures, pictures[0]]):
        with pytest.raises(ValueError, match="zip"):
            write_images(path, IDS, given)


def test_room_is_made_for_every_pixel(path, rng, monkeypatch):
    asked, pictures = [], rng.integers(0, 256, (3, 90, 70, 3), dtype=np.uint8)
    monkeypatch.setattr(module, "take_room", lambda path, size: asked.append(size))
    next(fill_images(path, IDS, pictures, 0))
    assert asked[0] == 3 * 90 * 70 * 3
    assert asked[1] >= asked[0]


@pytest.mark.parametrize("shape", [(6, 4, 4), (3,), (2, 6, 4, 3)])
def test_other_shapes_are_no_image(rng, shape):
    with pytest.raises(InputError, match="not an image in here: expected uint8, height × width"):
        check_image(rng.integers(0, 256, shape, dtype=np.uint8), "here")


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((3, 6, 4, 3), "u2"), ((3, 6, 12), "u1"), ((2, 6, 4, 3), "u1"), ((3, 6, 4, 4), "u1")],
)
def test_pixels_of_another_kind_are_no_images(path, shape, dtype):
    with h5py.File(path, "w") as file:
        file["ids"] = np.array(IDS, dtype=h5py.string_dtype())
        file["images"] = np.ones(shape, dtype)
    with (
        pytest.raises(InputError, match="not images .*expected uint8, 3 × height × width × 3"),
        open_images(path, IDS),
    ):
        pass
