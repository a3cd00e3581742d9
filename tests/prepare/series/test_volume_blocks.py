import gzip

import nibabel
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.series.volume_blocks import open_volumes, scaled, volumes


def saved(path, values, *, slope=None, inter=None):
    image = nibabel.Nifti1Image(values, np.diag([2.0, 3, 4, 1]))
    image.header.set_slope_inter(slope, inter)
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_each_volume_is_read_as_nibabel_reads_it(tmp_path, rng, name):
    values = rng.integers(-99, 99, (2, 3, 4, 5)).astype(np.int16)
    path = saved(tmp_path / name, values, slope=0.5, inter=-3.0)
    file = open_volumes(path)
    assert (file.shape, file.n_volumes, file.slope, file.inter) == ((2, 3, 4), 5, 0.5, -3.0)
    assert (file.dtype, file.offset) == (np.int16, 352)
    np.testing.assert_allclose(file.affine, np.diag([2.0, 3, 4, 1]))
    found = np.stack([scaled(one, file).reshape(2, 3, 4, order="F") for one in volumes(file)], -1)
    np.testing.assert_allclose(found, nibabel.load(path).get_fdata())


def test_what_is_no_run_of_volumes_is_refused(tmp_path):
    for shape in ((2, 3, 4), (2, 3, 4, 5, 1), (2, 3, 4, 0), (2, 0, 4, 5)):
        with pytest.raises(InputError, match="wrong shape .*expected x, y, z, time"):
            open_volumes(saved(tmp_path / "a.nii", np.zeros(shape, np.float32)))
    with pytest.raises(InputError, match="wrong kind of numbers .*complex64"):
        open_volumes(saved(tmp_path / "a.nii", np.zeros((2, 3, 4, 5), np.complex64)))
    for kind in (np.uint8, np.int16, np.float32):
        assert open_volumes(saved(tmp_path / "a.nii", np.ones((2, 3, 4, 5), kind))).dtype == kind
    surface = nibabel.gifti.GiftiImage()
    nibabel.save(surface, tmp_path / "a.gii")
    with pytest.raises(InputError, match="not a volume .*got GiftiImage"):
        open_volumes(tmp_path / "a.gii")


def test_a_file_that_ends_early_is_told_by_its_volumes(tmp_path):
    path = saved(tmp_path / "a.nii", np.ones((2, 3, 4, 5), np.int16))
    file = open_volumes(path)
    path.write_bytes(path.read_bytes()[: 352 + 2 * 48 + 47])
    with pytest.raises(InputError, match="expected 5 volumes, got 2 and a part"):
        list(volumes(file))


def test_damage_after_the_last_volume_is_found(tmp_path):
    path = saved(tmp_path / "a.nii.gz", np.ones((2, 3, 4, 5), np.int16))
    file = open_volumes(path)
    content = bytearray(path.read_bytes())
    content[-8] ^= 1  # of the checksum
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="unreadable image"):
        list(volumes(file))
    path.write_bytes(gzip.compress(bytes(352)))
    with pytest.raises(InputError, match="got 0 and a part"):
        list(volumes(file))
