"""Regions are chosen by name; what is unknown is refused, what is too small skipped by name."""

import logging

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.regions import check_regions, select_regions
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError


def subject(regions, voxels=True):
    n = len(regions)
    where = np.arange(n, dtype=float) if voxels else np.full(n, np.nan)
    targets = pd.DataFrame({"id": [f"v{i}" for i in range(n)], "region": regions}).assign(i=where)
    return Subject("s1", np.zeros((5, n), np.float32), targets)


def test_regions_by_name_and_all():
    some = subject(["A", "B", "A", "B", "B"])
    assert {k: list(v) for k, v in select_regions(some, ["B"], 2).items()} == {"B": [1, 3, 4]}
    assert list(select_regions(some, "all", 2)) == ["A", "B"]


def test_small_and_absent_regions_are_skipped_by_name(caplog):
    with caplog.at_level(logging.WARNING):
        assert list(select_regions(subject(["A", "A", "B"]), ["A", "B", "C"], 2)) == ["A"]
    assert "region B of subject s1 skipped: expected at least 2 voxels, got 1" in caplog.text
    assert "region C of subject s1 skipped: expected at least 2 voxels, got 0" in caplog.text


def test_averages_of_regions_have_no_size():
    assert list(select_regions(subject(["A", "B"], voxels=False), "all", 9)) == ["A", "B"]


def test_a_region_in_no_subject_is_refused_with_the_nearest_name():
    recording = Recording("toy", "timeseries", 1.0, None, None, None, [subject(["Angular_L"])])
    check_regions(recording, "all", "decode.regions")
    with pytest.raises(InputError, match=r"decode.regions, dataset toy.*Did you mean 'Angular_L'"):
        check_regions(recording, ["Angular_l"], "decode.regions")


def test_a_region_of_which_some_voxels_have_a_place_has_a_size():
    some = subject(["A", "A", "B", "B", "B"])
    some.targets.loc[[0, 2, 3], "i"] = np.nan
    assert list(select_regions(some, "all", 3)) == ["B"]


def test_a_region_that_any_subject_has_is_known():
    people = [subject(["A"]), subject(["B"])]
    recording = Recording("toy", "timeseries", 1.0, None, None, None, people)
    check_regions(recording, ["A", "B"], "decode.regions")
    with pytest.raises(InputError, match="got C"):
        check_regions(recording, ["A", "C"], "decode.regions")
