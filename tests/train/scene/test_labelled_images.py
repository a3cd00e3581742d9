import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.train.scene.labelled_images import (
    LabelledImages,
    check_labels,
    shuffle_labels,
    split_rows,
)


def images(*counts, given=None):
    labels = np.repeat(np.arange(len(counts)), counts)
    return LabelledImages(tuple("abcdef"[: len(counts)]), labels, lambda row: None, "", given)


def test_labels_are_numbers_of_classes():
    check_labels(np.array([0, 2, 1]), 3, "here")
    for wrong in (-1, 3):
        with pytest.raises(InputError, match=f"in here: expected 0 to 2, got {wrong}"):
            check_labels(np.array([0, wrong]), 3, "here")


@pytest.mark.parametrize(
    ("share", "held"), [(0.3, [3, 1, 1]), (0.001, [1, 1, 1]), (0.99, [9, 2, 1])]
)
def test_a_part_of_each_class_is_held_out_one_at_least_and_never_all(share, held):
    train, test = split_rows(images(10, 3, 2), share, 0)
    assert sorted([*train, *test]) == list(range(15))
    labels = images(10, 3, 2).labels
    assert np.bincount(labels[test], minlength=3).tolist() == held


def test_the_draw_hangs_on_the_seed_and_what_the_data_say_on_nothing():
    drawn = {tuple(split_rows(images(50), 0.2, seed)[1]) for seed in (0, 0, 1)}
    assert len(drawn) == 2
    given = np.array([True, False, False, True])
    train, test = split_rows(images(2, 2, given=given), 0.9, 0)
    assert (train.tolist(), test.tolist()) == ([1, 2], [0, 3])


def test_a_class_needs_two_images():
    with pytest.raises(InputError, match="class b: expected 2, got 1"):
        split_rows(images(2, 1), 0.5, 0)


def test_labels_are_dealt_among_some_rows_alone():
    labels = np.arange(100) % 7
    rows = np.arange(10, 90)
    dealt = shuffle_labels(labels, rows, 0)
    assert (labels == np.arange(100) % 7).all(), "of a copy"
    assert (dealt[:10] == labels[:10]).all()
    assert (dealt[90:] == labels[90:]).all()
    assert (np.bincount(dealt) == np.bincount(labels)).all()
    assert (dealt == labels).mean() < 0.5
    assert not (dealt == shuffle_labels(labels, rows, 1)).all()
