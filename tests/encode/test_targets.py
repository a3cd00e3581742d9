"""Targets, group averages and ceilings, by rule and by name."""

import logging

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.params.schema import Encode
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import ConcordError, InputError
from stages.encode import targets
from stages.encode.targets import group_ceiling

PARAMS = Encode(
    targets="region",
    regions="all",
    min_voxels=2,
    downsample="glover",
    delays=[0],
    nuisance_delays=[0],
    spillover=0,
    pieces=4,
)


def gather(data, params):
    """All targets together."""
    (found,) = targets.gather(data, params, 10**6)
    return found


def subject(name, responses, regions, ceiling=np.nan, voxels=True):
    n = responses.shape[1]
    where = np.arange(n, dtype=float) if voxels else np.full(n, np.nan)
    targets = pd.DataFrame({"id": [f"v{i}" for i in range(n)], "region": regions, "hemisphere": ""})
    targets = targets.assign(i=where, j=where, k=where, ceiling=ceiling)
    return Subject(name, responses.astype(np.float32), targets)


def recording(*subjects):
    n = len(subjects[0].responses)
    samples = pd.DataFrame({"id": [f"t{i}" for i in range(n)], "run": "1", "onset": np.arange(n)})
    return Recording("toy", "timeseries", 1.0, None, pd.DataFrame(), samples, list(subjects))


def test_regions_are_means_of_their_voxels_standardised(rng):
    responses = rng.standard_normal((50, 4))
    found = gather(recording(subject("s1", responses, ["A", "B", "A", "B"])), PARAMS)
    assert list(found.targets["region"]) == ["A", "B"]
    mean = responses[:, [0, 2]].mean(axis=1)
    assert_allclose(found.series[:, 0], (mean - mean.mean()) / mean.std(), atol=1e-5)


def test_the_group_averages_those_who_have_a_region(rng):
    one, two = rng.standard_normal((2, 50, 2))
    found = gather(
        recording(subject("s1", one, "A"), subject("s2", two, "A"), subject("s3", two * 2, "B")),
        PARAMS,
    )
    group = found.targets["subject"] == "group"
    assert list(found.targets[group]["region"]) == ["A"]
    assert_allclose(found.series[:, group.argmax()], found.series[:, :2].mean(axis=1), atol=1e-10)


def test_leave_one_subject_out_ceiling_by_hand(rng):
    signal = rng.standard_normal(400)
    data = [np.column_stack([signal + rng.standard_normal(400) * s] * 2) for s in (0.1, 1, 2)]
    found = gather(recording(*(subject(f"s{i}", d, "A") for i, d in enumerate(data))), PARAMS)
    z = [(d[:, 0] - d[:, 0].mean()) / d[:, 0].std() for d in data]
    expected = np.corrcoef(z[1], (z[0] + z[2]) / 2)[0, 1]
    assert_allclose(found.targets.loc[1, "ceiling"], expected, atol=1e-5)
    assert found.targets.loc[1, "ceiling_kind"] == "correlation with the mean of 2 others"


def test_the_group_ceiling_is_what_the_true_signal_reaches(rng):
    signal = rng.standard_normal(20000)
    series = signal + 1.5 * rng.standard_normal((6, 20000))
    series = (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)
    reached = np.corrcoef(signal, series.mean(axis=0))[0, 1]
    assert_allclose(group_ceiling(series, series.mean(axis=0)), reached, atol=0.01)


def test_the_group_ceiling_is_that_of_the_average_at_hand(rng):
    """Subjects who vary more weigh more in an average of signal change, which is less reliable."""
    signal = rng.standard_normal(20000)
    series = signal + 1.5 * rng.standard_normal((6, 20000))
    series = (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)
    mean = np.array([8.0, 3, 1, 1, 1, 0.5]) @ series
    reached = np.corrcoef(signal, mean)[0, 1]
    found = group_ceiling(series, (mean - mean.mean()) / mean.std())
    assert_allclose(found, reached, atol=0.01)
    equal = group_ceiling(series, series.mean(axis=0))
    assert equal > found + 0.1
    assert group_ceiling(series, signal) == pytest.approx(equal), "what is no average of them"


def test_group_ceiling_floor_and_ceiling(rng):
    one = rng.standard_normal(100)
    same = np.tile((one - one.mean()) / one.std(), (3, 1))
    assert group_ceiling(same, same[0]) == pytest.approx(1)
    assert group_ceiling(np.array([[1.0, -1, 1, -1], [-1, 1, -1, 1]]), np.zeros(4)) == 0


def test_one_subject_alone_has_no_ceiling_but_may_bring_one(rng):
    responses = rng.standard_normal((50, 1))
    alone = gather(recording(subject("group", responses, "rt", voxels=False)), PARAMS).targets
    assert list(alone["subject"]) == ["group"]
    assert alone["ceiling"].isna().all()
    given = gather(recording(subject("group", responses, "rt", 0.4, voxels=False)), PARAMS).targets
    assert given.loc[0, "ceiling"] == 0.4
    assert given.loc[0, "ceiling_kind"] == "given with the recording"


def test_small_and_constant_regions_are_skipped_by_name(rng, caplog):
    responses = np.column_stack([rng.standard_normal((50, 3)), np.ones((50, 2))])
    with caplog.at_level(logging.WARNING):
        found = gather(recording(subject("s1", responses, ["A", "A", "B", "C", "C"])), PARAMS)
    assert list(found.targets["region"]) == ["A"]
    assert "region B of subject s1 skipped: expected at least 2 voxels, got 1" in caplog.text
    assert "region C of subject s1 skipped: it is constant" in caplog.text


def test_voxels_keep_their_ids(rng):
    params = PARAMS.model_copy(update={"targets": "voxel", "regions": ["B"]})
    found = gather(
        recording(subject("s1", rng.standard_normal((50, 4)), ["A", "B", "A", "B"])), params
    )
    assert list(found.targets["target"]) == ["v1", "v3"]


def test_an_unknown_region_names_the_nearest(rng):
    params = PARAMS.model_copy(update={"regions": ["Angular_l"]})
    with pytest.raises(InputError, match=r"unknown region .*got Angular_l.*mean 'Angular_L'"):
        gather(recording(subject("s1", rng.standard_normal((50, 2)), "Angular_L")), params)


def test_nothing_left_is_an_error(rng):
    with pytest.raises(ConcordError, match="no target left in toy"):
        gather(recording(subject("s1", np.ones((50, 2)), "A")), PARAMS)


def test_people_are_cut_apart_but_never_one_of_them(rng):
    people = [rng.standard_normal((50, 3 * n)) for n in (2, 3, 1, 1)]
    data = recording(*(subject(f"s{k}", values, "A") for k, values in enumerate(people)))
    params = PARAMS.model_copy(update={"targets": "voxel"})
    parts = {least: targets.gather(data, params, least) for least in (1, 9, 999)}
    names = {k: ["".join(p.targets["subject"].unique()) for p in cut] for k, cut in parts.items()}
    assert names == {1: ["s0", "s1", "s2", "s3"], 9: ["s0s1", "s2s3"], 999: ["s0s1s2s3"]}
    whole = np.hstack(people).astype(np.float32)
    for cut in parts.values():
        np.testing.assert_array_equal(np.hstack([part.series for part in cut]), whole)
        assert all(list(part.targets.index) == list(range(len(part.targets))) for part in cut)


def test_responses_of_voxels_stay_where_they_are_until_they_are_asked_for(rng):
    data = recording(*(subject(f"s{k}", rng.standard_normal((50, 4)), "A") for k in range(2)))
    found = targets.gather(data, PARAMS.model_copy(update={"targets": "voxel"}), 1)
    for own, someone in zip(found, data.subjects, strict=True):
        ((values, _),) = own.parts
        assert values is someone.responses
