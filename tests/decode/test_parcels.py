"""Parcels are nilearn's, whatever the order of the voxels and the gaps between them."""

import numpy as np
import pytest
from nibabel import Nifti1Image
from nilearn.regions import ReNA
from numpy.testing import assert_array_equal

from stages.decode.parcels import has_neighbour, parcellate
from tests.decode.conftest import SIDE, ball


def same_partition(one, other):
    return len(np.unique(np.column_stack([one, other]), axis=0)) == len(np.unique(one))


@pytest.mark.parametrize("n_rows", [50, 400])
def test_labels_are_those_of_nilearn_on_the_whole_volume(rng, n_rows):
    voxels = ball(150, rng)
    rows = rng.standard_normal((n_rows, len(voxels)))
    mask = np.zeros((SIDE, SIDE, SIDE), np.int8)
    mask[tuple(voxels.T)] = 1
    order = np.lexsort(voxels.T[::-1])
    peer = ReNA(Nifti1Image(mask, np.eye(4)), n_clusters=15, n_iter=20).fit(rows[:, order])
    ours = parcellate(rows, voxels, 10.0)
    assert ours.max() == 14
    assert same_partition(ours[order], peer.labels_)


def test_the_order_of_the_voxels_does_not_matter(rng):
    voxels, rows = ball(80, rng), rng.standard_normal((60, 80))
    shuffled = rng.permutation(80)
    there = parcellate(rows[:, shuffled], voxels[shuffled], 20.0)
    assert same_partition(parcellate(rows, voxels, 20.0)[shuffled], there)


def test_voxels_that_vary_alike_are_found(rng):
    voxels = np.array([[x, y, 0] for x in range(6) for y in range(4)])
    halves = voxels[:, 0] < 3
    course = rng.standard_normal((200, 2))
    rows = course[:, halves.astype(int)] + 0.1 * rng.standard_normal((200, len(voxels)))
    assert same_partition(parcellate(rows, voxels, 9.0), halves)


def test_a_voxel_alone_is_a_parcel_and_moves_no_other(rng):
    voxels = np.vstack([ball(60, rng), [[0, 0, 0]]])[rng.permutation(61)]
    rows = rng.standard_normal((100, 61))
    alone = (voxels == 0).all(axis=1)
    assert_array_equal(~has_neighbour(voxels), alone)
    labels = parcellate(rows, voxels, 20.0)
    assert (labels == labels[alone]).sum() == 1
    assert len(np.unique(labels)) == 12
    others = parcellate(rows[:, ~alone], voxels[~alone], 100 * 11.5 / 60)
    assert same_partition(labels[~alone], others)


def test_voxels_alone_share_no_parcel_wherever_they_stand(rng):
    apart = np.array([[0, 0, 0], [0, 0, 5], [0, 5, 0]])
    voxels = np.vstack([apart[:2], ball(30, rng), apart[2:]])
    labels = parcellate(rng.standard_normal((50, 33)), voxels, 50.0)
    sizes = np.bincount(labels)
    assert (sizes[labels[[0, 1, 32]]] == 1).all()
    assert (sizes > 0).all()


def test_two_separate_pieces_are_never_one_parcel(rng):
    voxels = np.array([[x, 0, 0] for x in (0, 1, 2, 5, 6, 7)])
    labels = parcellate(rng.standard_normal((50, 6)), voxels, 1.0)
    assert set(labels[:3]).isdisjoint(labels[3:])


@pytest.mark.parametrize("voxels", [[[1, 2, 3]], [[0, 0, 0], [5, 5, 5]]])
def test_voxels_without_neighbours_stay_apart(rng, voxels):
    labels = parcellate(rng.standard_normal((20, len(voxels))), np.array(voxels), 10.0)
    assert_array_equal(labels, np.arange(len(voxels)))


def test_a_hundred_parcels_for_a_hundred_voxels_are_the_voxels_in_their_order(rng):
    labels = parcellate(rng.standard_normal((50, 40)), ball(40, rng), 100.0)
    assert_array_equal(labels, np.arange(40))
