import logging
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import squareform

from stages.align.representation import Dissimilarities
from stages.align.sides import cut_sides, deferred_layer, deferred_region
from stages.core.run.errors import InputError
from tests.align.recordings import N_SHARED, REGIONS, make_events, make_layers, make_matrices


@pytest.fixture
def events(rng):
    return make_events(make_layers(rng), rng)


def test_every_subject_and_split_is_a_side(events, caplog):
    caplog.set_level(logging.WARNING)
    sides = cut_sides(events, 5)
    assert [(side.subjects[0], side.split) for side in sides] == [
        (f"subj{number:02d}", split) for number in (1, 2) for split in ("train", "test")
    ]
    assert all(side.regions == list(REGIONS) for side in sides)
    assert "region tiny of subject subj01 skipped" in caplog.text


def test_rows_are_those_of_the_stimuli(events):
    for side in cut_sides(events, 5):
        subject = next(one for one in events.subjects if one.name == side.subjects[0])
        ids = events.stimuli["id"].iloc[side.stimuli]
        shared = events.samples.set_index("id")["split"].loc[ids] == "test"
        assert (shared == (side.split == "test")).all()
        assert len(ids) == (N_SHARED if side.split == "test" else 25)
        place = {name: row for row, name in enumerate(subject.samples["id"])}
        for region, values in zip(side.regions, side.representations(), strict=True):
            for row, name in enumerate(ids):
                of_region = (subject.targets["region"] == region).to_numpy()
                assert_array_equal(values[row], subject.responses[place[name], of_region])


def test_regions_and_layers_are_read_when_they_are_asked_for(events, rng):
    layer = rng.standard_normal((len(events.stimuli), 4))
    for side in cut_sides(events, 5):
        assert_array_equal(deferred_layer(layer, side.stimuli).make(), layer[side.stimuli])
        kept = np.arange(3, len(side.stimuli), 2)
        for place, (whole, later) in enumerate(zip(side.features(), side.deferred(), strict=True)):
            assert later.shape == whole.shape
            assert later.beside == whole.nbytes
            assert_array_equal(later.make(), whole)
            some = deferred_region(side, place, kept)
            assert some.shape == whole[kept].shape
            assert_array_equal(some.make(), whole[kept])


def test_without_splits_all_images_are_one_side(events):
    whole = replace(events, samples=events.samples.drop(columns="split"))
    sides = cut_sides(whole, 5)
    assert [(side.split, len(side.stimuli)) for side in sides] == [("all", 65), ("all", 65)]


def test_a_split_that_nobody_saw_is_named(events, caplog):
    trained = events.samples.assign(split="train")
    assert [side.split for side in cut_sides(replace(events, samples=trained), 5)] == ["train"] * 2
    assert "subject subj01 saw no image of the split test" in caplog.text


def test_sessions_of_a_matrix_are_averaged(rng):
    recording = make_matrices(make_layers(rng), rng)
    (side,) = cut_sides(recording, 5)
    assert (side.subjects, side.regions) == (["one", "two"], ["human_IT"] * 2)
    for subject, found in zip(recording.subjects, side.representations(), strict=True):
        assert isinstance(found, Dissimilarities)
        expected = squareform(np.mean(subject.responses.astype(float), axis=1))
        assert_allclose(found.values, expected, rtol=0, atol=1e-12)


def test_a_story_and_a_recording_of_tiny_regions_are_refused(events):
    with pytest.raises(InputError, match="no images in made-up: expected a recording of images"):
        cut_sides(replace(events, kind="timeseries"), 5)
    with pytest.raises(InputError, match="no region left"):
        cut_sides(events, 31)
