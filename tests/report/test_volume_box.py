import numpy as np

from stages.report.volume_box import box_of


def test_the_box_is_the_smallest_and_its_voxels_stay_where_they_were(rng):
    volume = np.zeros((6, 7, 8))
    volume[1:4, 2, 3:8] = rng.random((3, 5)) + 0.1
    volume[2, 2, 5] = -1.0
    affine = np.array([[2.0, 0.5, 0, -9], [0, 3, 0, 4], [0.25, 0, -4, 1], [0, 0, 0, 1]])
    before = affine.copy()
    box, moved = box_of(volume, affine)
    assert box == (slice(1, 4), slice(2, 3), slice(3, 8))
    np.testing.assert_array_equal(affine, before)
    for voxel in ([0, 0, 0, 1], [2, 0, 4, 1]):
        there = np.add(voxel, [1, 2, 3, 0])
        np.testing.assert_allclose(moved @ voxel, affine @ there)
