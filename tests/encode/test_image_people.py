"""Whose images are encoded: rows, folds, orders and pieces of people, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from stages.core.recording.types import Subject
from stages.core.run.errors import ConcordError, InputError
from stages.encode.image_people import gather_people
from tests.encode.image_recordings import SHARED, N, make_layers, make_recording, settings

LOW = {"least_ncsnr": 0.0, "pieces": 4}


@pytest.fixture
def layers(rng):
    return make_layers(rng)


@pytest.fixture
def apart(layers, rng):
    return make_recording(layers, rng)


@pytest.fixture
def whole(layers, rng):
    return make_recording(layers, rng, apart=False)


def groups_of(recording, numbers):
    return pd.DataFrame({"id": recording.stimuli["id"], "group": [f"g{k}" for k in numbers]})


def all_tested(person):
    return np.sort(np.concatenate([fold.outer.test for fold in person.folds]))


def test_images_kept_apart_are_tested_and_nobody_s_others(apart):
    found = gather_people(apart, settings(**LOW), None)
    assert [person.name for person in found] == ["subj0", "subj1"]
    for k, person in enumerate(found):
        assert_array_equal(person.rows, np.r_[np.arange(SHARED), np.arange(SHARED + k, N, 2)])
        assert_array_equal(all_tested(person), np.arange(SHARED))
        for fold in person.folds:
            assert set(fold.outer.train) == set(range(SHARED, len(person.rows)))
        assert person.orders.shape == (0, len(person.rows))
        assert_array_equal(np.unique(person.pieces[:SHARED]), np.arange(4))
        assert (person.pieces[SHARED:] == -1).all()
        assert person.voxels.series.shape[0] == len(person.rows)
    assert_array_equal(found[0].pieces[:SHARED], found[1].pieces[:SHARED])


def test_where_no_image_is_kept_apart_all_are_tested_and_orders_drawn(whole):
    (person,) = gather_people(whole, settings(**LOW), None)
    assert_array_equal(all_tested(person), np.arange(N))
    assert len(person.folds) == 3
    assert person.orders.shape == (59, N)
    assert_array_equal(np.sort(person.orders, axis=1), np.tile(np.arange(N), (59, 1)))
    assert_array_equal(np.unique(person.pieces), np.arange(4))
    (again,) = gather_people(whole, settings(**LOW), None)
    assert_array_equal(person.orders, again.orders)
    (other,) = gather_people(whole, settings(**LOW, seed=5), None)
    assert (person.orders != other.orders).any()


@pytest.mark.parametrize("permute", ["blocks", "shifts"])
def test_images_in_order_are_cut_and_moved_in_stretches(whole, permute):
    (person,) = gather_people(whole, settings(**LOW, permute=permute, block=5), None)
    assert person.orders.shape == (59, N)
    assert (person.orders != np.arange(N)).any(axis=1).all()
    assert (np.diff(person.pieces) >= 0).all()
    for fold in person.folds:
        assert_array_equal(np.diff(fold.outer.test), 1)


def test_images_that_are_alike_stay_together(whole, rng):
    numbers = rng.permutation(np.arange(N) // 2)
    (person,) = gather_people(whole, settings(**LOW), groups_of(whole, numbers))
    for fold in person.folds:
        assert not set(numbers[fold.outer.test]) & set(numbers[fold.outer.train])
    for number in range(N // 2):
        assert len(set(person.pieces[numbers == number])) == 1
    (alone,) = gather_people(whole, settings(**LOW), groups_of(whole, np.arange(N)))
    (none,) = gather_people(whole, settings(**LOW), None)
    assert_array_equal(alone.pieces, none.pieces)


def test_groups_are_those_of_the_images(whole):
    groups = groups_of(whole, np.arange(N))
    with pytest.raises(InputError, match=r"stimuli and the groups of images, row 0.*alike_images"):
        gather_people(whole, settings(**LOW), groups[::-1])


def test_who_saw_none_of_the_images_kept_apart_is_left_out_by_name(apart, caplog):
    one, two = apart.subjects
    rows = np.arange(SHARED, len(one.samples))
    lone = Subject("late", one.responses[rows], one.targets, samples=one.samples.iloc[rows])
    found = gather_people(replace(apart, subjects=[lone, two]), settings(**LOW), None)
    assert [person.name for person in found] == ["subj1"]
    assert "subject late left out: saw no image that is kept apart" in caplog.text
    with pytest.raises(ConcordError, match="no region left in made"):
        gather_people(replace(apart, subjects=[lone]), settings(**LOW), None)


def test_who_has_no_region_is_left_out(apart):
    one, two = apart.subjects
    few = Subject("few", two.responses[:, :3], two.targets[:3], samples=two.samples)
    found = gather_people(replace(apart, subjects=[one, few]), settings(**LOW), None)
    assert [person.name for person in found] == ["subj0"]
    with pytest.raises(ConcordError, match="no region left"):
        gather_people(replace(apart, subjects=[few]), settings(**LOW), None)


@pytest.mark.parametrize(("kinds", "fits"), [(4, True), (3, False)])
def test_every_piece_has_an_image_that_is_tested(apart, kinds, fits):
    numbers = np.where(np.arange(N) < SHARED, np.arange(N) % kinds, np.arange(N))
    groups = groups_of(apart, numbers)
    if fits:
        assert len(gather_people(apart, settings(**LOW), groups)) == 2
        return
    message = r"tested in .*subject subj0: expected 4 pieces of 3 images, got 3"
    with pytest.raises(InputError, match=message):
        gather_people(apart, settings(**LOW), groups)
