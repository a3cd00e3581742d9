import numpy as np
import pytest
from nilearn.datasets import load_mni152_brain_mask

from stages.core.names.areas import AREAS, network_of
from stages.simulate.scene.cortical_areas import (
    CORTEX,
    OUTSIDE,
    SIZES,
    SLAB_CENTRE,
    TINY,
    TINY_VOXELS,
    UNKNOWN,
    UNLABELLED_VOXELS,
    Block,
    area_number,
    make_slab,
)


@pytest.fixture(scope="module")
def slab():
    return make_slab((TINY, *CORTEX), np.random.default_rng(4))


def place(slab):
    return slab.voxels @ slab.affine[:3, :3] + slab.affine[:3, 3]


def test_areas_are_of_the_atlas_and_ordered_from_back_to_front():
    assert AREAS[area_number("FFC") - 1] == "FFC"
    assert all(network_of(area.name) for area in (*CORTEX, TINY))
    assert (np.diff([area.centre[1] for area in CORTEX]) > 0).all()
    drivers = [area.driver for area in CORTEX if area.driver]
    numbers = [[d.number for d in drivers if isinstance(d, Block) == vision] for vision in (1, 0)]
    assert numbers[0] == list(range(7))
    assert numbers[1] == sorted(set(numbers[1]))
    assert sum(area.driver is None for area in CORTEX) == 3


def test_the_slab_holds_the_brain_of_the_template_but_for_the_cerebellum(slab):
    mask = load_mni152_brain_mask(resolution=4)
    brain = np.argwhere(mask.get_fdata() > 0) @ mask.affine[:3, :3] + mask.affine[:3, 3]
    ends = np.array([[0, 0, 0], np.array(slab.shape) - 1]) @ slab.affine[:3, :3]
    low, high = ends + slab.affine[:3, 3]
    cerebrum = brain[brain[:, 2] > -50]
    assert (low < cerebrum.min(axis=0)).all()
    assert (cerebrum.max(axis=0) < high).all()


def test_every_area_has_voxels_in_both_hemispheres(slab):
    for area in (TINY, *CORTEX):
        of_area = slab.numbers == area_number(area.name)
        for right in (False, True):
            count = (of_area & (slab.right == right)).sum()
            if area is TINY:
                assert count == TINY_VOXELS
            else:
                assert SIZES[0] <= count <= SIZES[1]
    assert (slab.numbers == UNKNOWN).sum() == UNLABELLED_VOXELS


def test_areas_lie_compact_around_their_centres(slab):
    millimetres = place(slab)
    assert (slab.right == (millimetres[:, 0] > 0)).all()
    for area in CORTEX:
        of_area = slab.numbers == area_number(area.name)
        for side, right in ((1, False), (-1, True)):
            found = millimetres[of_area & (slab.right == right)]
            centre = np.array(area.centre) * (side, 1, 1)
            assert np.linalg.norm(found.mean(axis=0) - centre) < 5
            assert np.linalg.norm(found - found.mean(axis=0), axis=1).max() < 12
    means = [millimetres[slab.numbers == area_number(area.name), 1].mean() for area in CORTEX]
    assert (np.diff(means) > 0).all()


def test_the_volume_is_that_of_the_release(slab):
    assert np.allclose(np.diag(slab.affine), [1.8, 1.8, 1.8, 1])
    middle = (np.array(slab.shape) - 1) / 2
    assert np.allclose(slab.affine[:3, :3] @ middle + slab.affine[:3, 3], SLAB_CENTRE)
    assert (slab.voxels >= 0).all()
    assert (slab.voxels < slab.shape).all()


def test_the_volumes_of_the_hemispheres_share_no_voxel(slab):
    left, right = slab.hemisphere(right=False), slab.hemisphere(right=True)
    assert not ((left != OUTSIDE) & (right != OUTSIDE)).any()
    for volume, side in ((left, -1), (right, 1)):
        x = np.argwhere(volume != OUTSIDE) @ slab.affine[0, :3] + slab.affine[0, 3]
        assert (np.sign(x) == side).all()
    whole = np.where(left != OUTSIDE, left, right)
    assert (whole[tuple(slab.voxels.T)] == slab.numbers).all()
    assert (whole != OUTSIDE).sum() == len(slab.numbers)


def test_people_differ():
    one, other = (make_slab(CORTEX, np.random.default_rng(seed)) for seed in (1, 2))
    assert len(one.numbers) != len(other.numbers)
