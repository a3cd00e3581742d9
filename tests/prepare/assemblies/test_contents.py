import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.assemblies import contents
from stages.prepare.assemblies.contents import (
    PUBLISHED,
    Size,
    check_finite,
    check_size,
    check_sums,
    check_told,
    check_unbroken,
    first_of,
    require,
    texts,
)
from stages.prepare.assemblies.netcdf import Assembly

# As the paper and its supplement tell them (Schrimpf et al. 2021): sentences of both experiments,
# words, volumes; voxels of the language network, electrodes, people by regions, readers; people.
TOLD = {
    "pereira2018-243": (243 + 384, 13_553, 10),
    "pereira2018-384": (243 + 384, 13_553, 10),
    "fedorenko2016": (52 * 8, 47 + 8 + 9 + 15 + 18, 5),
    "blank2014": (1_317, 5 * 12, 5),
    "futrell2018": (10_256, 180, None),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_assemblies_are_as_large_as_they_are_told_to_be(name):
    assert dataclasses.astuple(PUBLISHED[name]) == TOLD[name]


def assembly(values, **coordinates):
    """Rows with coordinates, and units named a, b and c of two people and two networks."""
    units = {"id": list("abc"), "who": ["x", "y", "x"], "net": ["language", "other", "language"]}
    measured = np.asarray(values, dtype=float)
    stimuli = pd.DataFrame(coordinates, index=range(len(measured)))
    return Assembly(Path("a.nc"), measured, stimuli, pd.DataFrame(units))


def test_sizes_count_rows_units_and_people_once(monkeypatch):
    made = assembly(np.zeros((2, 3)))
    for size, who in ((Size(2, 3, 2), "who"), (Size(2, 3, None), None), (Size(2, 2, None), None)):
        monkeypatch.setitem(PUBLISHED, "made", size)
        check_size(made, "made", "id" if size.units == 3 else "net", who)
    with pytest.raises(InputError, match="not the published assembly in a.nc: expected Size"):
        check_size(made, "made", "id", "who")
    check_size(made, "another", "id", "who")


@pytest.mark.parametrize(
    ("value", "same"), [(1.0, True), (1 + 3e-6, True), (1 + 5e-6, False), (1 - 5e-6, False)]
)
def test_sums_of_networks_are_those_that_were_published(monkeypatch, value, same):
    """Of three values, one of which changes: 1e-6 of a sum of 4 is 4e-6; what is NaN is nothing."""
    monkeypatch.setattr(contents, "SUMS", {"language": 4.0, "absent": 9.0})
    monkeypatch.setitem(PUBLISHED, "made", Size(2, 3, None))
    made = assembly([[value, 7, 1], [2, 7, np.nan]])
    check_sums(made, "another", "net")
    if same:
        check_sums(made, "made", "net")
        return
    with pytest.raises(InputError, match="not the published values in a.nc, network language"):
        check_sums(made, "made", "net")


def test_coordinates_that_are_needed_are_there_and_told():
    made = assembly(np.zeros((3, 3)), word=["a", " ", np.nan], run=["1", "1", "2"])
    require(made, ["run"], ["id", "who"])
    with pytest.raises(InputError, match=r"coordinate missing .*expected \['net2', 'no'\]"):
        require(made, ["run"], ["id", "net2", "no"])
    with pytest.raises(InputError, match="a.nc, word: got 2 of 3, the first at 1"):
        require(made, ["run", "word"], [])
    made.units["who"] = ["x", "", "z"]
    with pytest.raises(InputError, match="a.nc, who: got 1 of 3, the first at 1"):
        require(made, ["run"], ["who"])
    check_told(made.stimuli["run"], made)


@pytest.mark.parametrize("begin", [0, 1])
@pytest.mark.parametrize("kind", [int, str])
def test_words_of_each_run_are_counted_on(begin, kind):
    place = [kind(begin + at) for at in (0, 1, 2, 0, 1)]
    check_unbroken(assembly(np.zeros((5, 3)), run=list("bbbaa"), place=place), "run", "place")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ([0, 1, 3, 0, 1], "run b, place: expected 2, got 3"),
        ([0, 1, 1, 0, 1], "run b, place: expected 2, got 1"),
        ([0, 1, 2, 2, 3], "run a, place: expected 0 or 1, got 2"),
        ([-1, 0, 1, 0, 1], "run b, place: expected 0 or 1, got -1"),
        (["0", "1", "2", "x", "1"], "run a, place: expected 0 or 1, got x"),
    ],
)
def test_a_word_that_is_missing_is_told(place, told):
    made = assembly(np.zeros((5, 3)), run=list("bbbaa"), place=place)
    with pytest.raises(InputError, match=f"words missing, twice or not counted in a.nc, {told}"):
        check_unbroken(made, "run", "place")


def test_the_first_name_that_is_there_counts():
    made = assembly(np.zeros((2, 3)), word=["a", "b"], stimulus=["c", "d"], number=[1, 2])
    assert first_of(made, ["subject", "who", "id"], "units") == "who"
    assert first_of(made, ["stimulus", "word"], "stimuli") == "stimulus"
    assert texts(made, ["none", "word", "stimulus"]).tolist() == ["a", "b"]
    with pytest.raises(InputError, match="coordinate missing in a.nc: expected x or y, got"):
        first_of(made, ["x", "y"], "stimuli")
    with pytest.raises(InputError, match="no texts in a.nc, number: expected texts, got int64"):
        texts(made, ["number"])


def test_values_that_are_not_finite_are_counted_by_unit():
    check_finite(assembly(np.zeros((2, 3))), "here")
    made = assembly([[0, 1, 2], [3, np.inf, 5], [6, np.nan, np.nan]])
    told = "a.nc, here, stimulus 1, unit 1: got 2 of 3 units"
    with pytest.raises(InputError, match=told):
        check_finite(made, "here")
