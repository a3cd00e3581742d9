import hashlib
import logging

import numpy as np
import pytest
from PIL import Image

from stages.core.run.errors import InputError
from stages.prepare.picture_files import ImageFiles, common_size, image_paths, read_image


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        ([(32, 32)], (32, 32)),
        ([(512, 512)], (512, 512)),
        ([(513, 300)], (512, 299)),
        ([(300, 1024)], (150, 512)),
        ([(600, 700), (700, 800)], (512, 512)),
        ([(33, 70), (70, 40)], (33, 33)),
        ([(40, 41), (40, 40)], (40, 40)),
    ],
)
def test_sizes_that_images_are_brought_to(sizes, size):
    assert common_size(sizes) == size


def test_images_too_small_or_narrow_are_refused():
    with pytest.raises(InputError, match="image too small .*at least 32 pixels, got 31"):
        common_size([(40, 40), (90, 31)])
    assert common_size([(1024, 64)]) == (512, 32)
    with pytest.raises(InputError, match="image too narrow .*32 pixels of 512, got 31"):
        common_size([(1050, 64)])


def test_what_is_resized_is_told(caplog):
    with caplog.at_level(logging.INFO, "concord"):
        common_size([(90, 60), (90, 60)])
        assert not caplog.records
        common_size([(90, 60), (70, 80), (60, 60)])
        assert "images of 3 sizes are brought to 60 × 60 pixels" in caplog.text
        caplog.clear()
        common_size([(60, 60), (70, 80)])
        assert "images of 2 sizes are brought to 60 × 60 pixels" in caplog.text
        caplog.clear()
        common_size([(1024, 1024)])
        assert "images of 1 sizes are brought to 512 × 512 pixels" in caplog.text


def test_the_middle_of_an_image_is_kept(tmp_path):
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 20:60] = 200
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert (read_image(tmp_path / "a.png", (40, 40)) == 200).all()
    np.testing.assert_array_equal(read_image(tmp_path / "a.png", (80, 40)), pixels)


def test_images_are_read_one_by_one_and_have_a_digest(tmp_path):
    for name, grey in (("a.png", 10), ("b.png", 20), ("c.png", 30)):
        Image.new("RGB", (50, 40), (grey,) * 3).save(tmp_path / name)
    paths = image_paths(tmp_path, ["c.png", "a.png", "b.png"])
    files = ImageFiles(paths)
    assert files.size == (50, 40)
    assert [int(image[0, 0, 0]) for image in files] == [30, 10, 20]
    assert [int(image[0, 0, 0]) for image in files[1:]] == [10, 20]
    lines = (f"{one.name} {hashlib.sha256(one.read_bytes()).hexdigest()}\n" for one in paths)
    assert files.digest == hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.mark.parametrize("name", ["/a.png", "../a.png", "x/../a.png", "x\\a.png", "a\0.png"])
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="name of an image"):
        image_paths(tmp_path, [name])


def test_images_lie_in_a_folder_that_is_there(tmp_path):
    with pytest.raises(InputError, match="folder not found .*expected images/"):
        image_paths(tmp_path / "images", [])
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "dog.png").touch()
    assert image_paths(tmp_path, ["sub/dog.png"]) == [tmp_path / "sub" / "dog.png"]
    with pytest.raises(InputError, match="image not found .*Did you mean 'sub/dog.png'"):
        image_paths(tmp_path, ["sub/dag.png"])
    with pytest.raises(InputError, match="image not found"):
        image_paths(tmp_path, ["sub"])
