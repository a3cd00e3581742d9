import numpy as np
import pytest
from nibabel import Nifti1Image
from nilearn.image import smooth_img

from stages.prepare.smoothing import CHUNK, smooth

SHAPE = (9, 8, 7)
AFFINE = np.diag([3.0, 3.0, 2.0, 1.0])
EVERYWHERE = np.argwhere(np.ones(SHAPE))


def test_an_impulse_spreads_in_space_and_not_in_time():
    volume = np.zeros((5, *SHAPE))
    volume[2, 4, 4, 3] = 1.0
    smoothed = smooth(volume.reshape(5, -1), EVERYWHERE, SHAPE, AFFINE, 5.0).reshape(volume.shape)
    assert (smoothed[[0, 1, 3, 4]] == 0).all()
    for axis in range(3):
        step = np.eye(3, dtype=int)[axis]
        assert 0 < smoothed[(2, *(np.array([4, 4, 3]) + step))] < smoothed[2, 4, 4, 3]
    # Voxels are shorter along z, so that the same distance in voxels gets more of the impulse.
    assert smoothed[2, 4, 4, 4] > 1.2 * smoothed[2, 5, 4, 3]


def test_against_nilearn(rng):
    mask = rng.random(SHAPE) < 0.6
    voxels = np.argwhere(mask)
    series = rng.normal(500, 10, (CHUNK + 6, len(voxels)))
    volumes = np.zeros((*SHAPE, len(series)))
    volumes[mask] = series.T
    smoothed, weight = (
        smooth_img(Nifti1Image(array, AFFINE), 6.0).get_fdata()
        for array in (volumes, mask.astype(float))
    )
    expected = (smoothed / np.where(mask, weight, 1)[..., None])[mask].T
    np.testing.assert_allclose(smooth(series, voxels, SHAPE, AFFINE, 6.0), expected, rtol=1e-5)


def test_the_border_is_not_pulled_to_zero():
    voxels = EVERYWHERE[::3]
    smoothed = smooth(np.full((2, len(voxels)), 700.0), voxels, SHAPE, AFFINE, 8.0)
    np.testing.assert_allclose(smoothed, 700.0, rtol=1e-5)


def test_width(rng):
    line = np.argwhere(np.ones((61, 1, 1)))
    impulse = np.zeros((1, 61))
    impulse[0, 30] = 1.0
    smoothed = smooth(impulse, line, (61, 1, 1), np.eye(4), 8.0)[0]
    # Half of the maximum is reached four voxels of 1 mm away.
    assert smoothed[34] / smoothed[30] == pytest.approx(0.5, rel=0.01)
