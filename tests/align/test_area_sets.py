"""Areas are cut out of the images that everybody saw, row by row the same ones."""

from dataclasses import replace

import numpy as np
import pytest

from stages.align.area_sets import shared_areas
from stages.core.run.errors import InputError
from tests.align.recordings import make_events, make_layers, make_matrices
from tests.align.shown_again import DRIVERS, VOXELS, N, make_latents, make_shown_again, trials_of


@pytest.fixture
def recording(rng):
    return make_shown_again(rng, make_latents(rng))


def test_rows_are_the_same_images_for_everybody(recording):
    shown = shared_areas(recording, 5)
    np.testing.assert_array_equal(shown.stimuli, np.arange(N))
    ids = list(recording.stimuli["id"])
    for one in shown.sets:
        subject = next(who for who in recording.subjects if who.name == one.subject)
        rows = {name: row for row, name in enumerate(subject.samples["id"])}
        order = [rows[name] for name in ids]
        first = subject.targets["region"] == one.regions[0]
        if one.parts == "hemispheres":
            first &= subject.targets["hemisphere"] == one.hemispheres[0]
        np.testing.assert_array_equal(
            one.representations[0], subject.responses[order][:, first.to_numpy()]
        )


def test_measurements_are_those_of_their_images_and_times(recording):
    for one in shared_areas(recording, 5).sets:
        trials = trials_of(recording, one.subject, "FFC", "R" if one.parts != "whole" else None)
        place = list(zip(one.regions, one.hemispheres, strict=True)).index(
            ("FFC", "R" if one.parts != "whole" else "")
        )
        ids = recording.stimuli["id"].to_numpy()[one.again]
        assert len(ids) == {"s1": N, "s2": N - 3}[one.subject]
        assert list(one.again) == sorted(one.again)
        for time in range(3):
            expected = [trials[time][name] for name in ids]
            np.testing.assert_allclose(one.single[place][time], expected, rtol=1e-6)
            some = one.retold(one.again[5:20], time)[place]
            np.testing.assert_allclose(some, expected[5:20], rtol=1e-6)
        assert one.averaged == 3


def test_areas_are_whole_and_of_each_hemisphere(recording):
    whole, halves = shared_areas(recording, 5).sets[:2]
    assert whole.regions == list(DRIVERS)
    assert whole.hemispheres == [""] * 4
    assert [values.shape[1] for values in whole.representations] == [2 * VOXELS] * 4
    assert halves.regions == [*DRIVERS, *DRIVERS]
    assert halves.hemispheres == ["L"] * 4 + ["R"] * 4
    assert [values.shape[1] for values in halves.representations] == [VOXELS] * 8


def test_halves_that_are_too_small_are_left_out(recording):
    assert [one.parts for one in shared_areas(recording, VOXELS + 1).sets] == ["whole"] * 2


def test_areas_of_one_hemisphere_are_not_cut_again(rng):
    layers = make_layers(rng)
    shown = shared_areas(make_events(layers, rng), 5)
    assert [one.parts for one in shown.sets] == ["whole", "whole"]
    assert set(shown.sets[0].hemispheres) == {"left"}
    assert shown.sets[0].split == "test"
    assert not len(shown.sets[0].again)
    assert shown.sets[0].single == []


def test_dissimilarities_are_areas_of_each_person(rng):
    layers = make_layers(rng)
    shown = shared_areas(make_matrices(layers, rng, 20), 5)
    assert [(one.subject, one.regions) for one in shown.sets] == [
        ("one", ["human_IT"]),
        ("two", ["human_IT"]),
    ]


def test_people_who_share_no_images_are_refused(recording):
    first, second = recording.subjects
    few = second.samples.head(30)
    other = replace(second, samples=few, responses=second.responses[:30], single=None)
    rest = ~first.samples["id"].isin(few["id"]).to_numpy()
    alone = replace(
        first,
        samples=first.samples[rest].reset_index(drop=True),
        responses=first.responses[rest],
        single=None,
    )
    with pytest.raises(InputError, match="too few images that everybody saw in made: expected 4"):
        shared_areas(replace(recording, subjects=[alone, other]), 5)
