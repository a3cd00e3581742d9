import os
import signal

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from stages.core.pictures.images import check_image, open_images, write_images
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
