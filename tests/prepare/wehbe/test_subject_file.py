import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.wehbe.subject_file import (
    parse_time,
    read_subject,
    region_names,
)
from tests.prepare.wehbe_release import NAMES


@pytest.fixture
def read(tmp_path, save):
    return lambda variables: read_subject(save(tmp_path / "subject_1.mat", variables))


def test_everything_in_the_file(read, variables):
    raw = read(variables)
    assert raw.name == "subject_1"
    np.testing.assert_array_equal(raw.data, variables["data"])
    assert raw.tr == 2.0
    assert list(raw.runs) == ["1"] * 16 + ["2"] * 14
    assert raw.words["text"].tolist()[:3] == ["word0", "Quill", "it--said"]
    assert raw.words["onset"].tolist()[:3] == [6.0, 6.5, 7.0]
    assert (raw.words["duration"] == 0.5).all()
    assert raw.shape == (4, 3, 2)
    assert raw.targets["id"].tolist()[:2] == ["v0", "v1"]
    assert raw.targets["ceiling"].isna().all()


def test_regions_are_not_shifted_by_one(read, variables):
    regions = read(variables).targets["region"].tolist()
    named = ["Precentral_L"] * 3 + ["Precentral_R"] * 3 + ["Angular_L"] * 2 + ["Vermis_3"] * 2
    assert regions == [*named, "Not_labelled", "Not_labelled"]


def test_hemisphere_by_suffix(read, variables):
    hemispheres = read(variables).targets["hemisphere"].tolist()
    assert hemispheres == ["L"] * 3 + ["R"] * 3 + ["L"] * 2 + [""] * 4


def test_voxels_and_affine_count_from_zero(read, variables):
    raw = read(variables)
    voxels = raw.targets[["i", "j", "k"]].to_numpy(int)
    assert voxels.min() == 0
    from_one = np.column_stack([variables["meta"]["colToCoord"], np.ones(len(voxels))])
    from_zero = np.column_stack([voxels, np.ones(len(voxels))])
    np.testing.assert_allclose(raw.affine @ from_zero.T, variables["meta"]["matrix"] @ from_one.T)


def test_names_with_not_labelled_first_are_refused():
    with pytest.raises(InputError, match=r"wrong names in names: expected Not_labelled last"):
        region_names(np.array([1.0]), ["Not_labelled", "Precentral_L"], "names")


@pytest.mark.parametrize("code", [3.0, -1.0, 0.5, np.nan])
def test_unknown_region_number(code):
    with pytest.raises(InputError, match=r"unknown region number in .*column 1: expected 0 to 2"):
        region_names(np.array([1.0, code]), ["Precentral_L", "Not_labelled"], "names")


def test_words_out_of_order(read, variables):
    variables["words"]["start"][0, 5] = 8.0
    with pytest.raises(
        InputError,
        match=r"words out of order in .*words, word 5 \('word5'\): expected .*got onset 8 s .*8 s",
    ):
        read(variables)


@pytest.mark.parametrize("field", ["start", "length"])
@pytest.mark.parametrize("value", [np.nan, np.inf, np.empty((0, 0)), np.array([[8.0, 8.5]])])
def test_word_at_no_time(read, variables, field, value):
    variables["words"][field][0, 5] = value
    with pytest.raises(InputError, match=r"no number in .*words, word 5: expected one, finite, go"):
        read(variables)


@pytest.mark.parametrize("value", [3.0, np.array([["ab"], ["cd"]])])
def test_word_that_is_no_text(read, variables, value):
    variables["words"]["text"][0, 5] = value
    with pytest.raises(InputError, match=r"wrong type in .*words, word 5: expected text, got"):
        read(variables)


def test_no_words(read, variables):
    with pytest.raises(InputError, match=r"no words in .*subject_1\.mat: words"):
        read(variables | {"words": variables["words"][:, :0]})


@pytest.mark.parametrize("value", [np.nan, np.inf, np.array([[4.0, 4.0]]), np.empty((0, 0))])
def test_a_volume_without_a_length(read, variables, value):
    variables["meta"]["dimy"] = value
    with pytest.raises(InputError, match=r"no number in .*meta.dimy: expected one, finite, got"):
        read(variables)


@pytest.mark.parametrize("value", [0.0, -3.0, 2.5])
def test_a_volume_that_is_none(read, variables, value):
    variables["meta"]["dimy"] = value
    with pytest.raises(InputError, match=r"wrong volume in .*meta.dimy: expected a whole number"):
        read(variables)


def test_names_of_regions_in_the_rows_of_a_char_array(read, variables):
    rows = np.array([name.ljust(20) for name in NAMES])
    found = read(variables | {"meta": variables["meta"] | {"ROInumToName": rows}})
    pd.testing.assert_frame_equal(found.targets, read(variables).targets)


def test_word_without_text(read, variables, make_cell):
    variables["words"]["text"][0, 7] = make_cell("@")
    with pytest.raises(InputError, match=r"word without text in .*words, word 7"):
        read(variables)


@pytest.mark.parametrize("name", ["data", "time", "words", "meta"])
def test_renamed_variable(read, variables, name):
    variables[f"{name}_old"] = variables.pop(name)
    with pytest.raises(InputError, match=rf"variable missing in .*expected data.*{name}"):
        read(variables)


def test_renamed_field(read, variables):
    variables["meta"]["colToROI"] = variables["meta"].pop("colToROInum")
    with pytest.raises(
        InputError, match=r"field missing in .*meta: expected colToROInum.*colToROI"
    ):
        read(variables)


def test_times_of_another_recording(read, variables):
    variables["time"] = variables["time"][:-1]
    with pytest.raises(InputError, match=r"wrong shape in .*time: expected 30 × 2, got \(29, 2\)"):
        read(variables)


def test_transposed_data(read, variables):
    variables["data"] = variables["data"].T
    with pytest.raises(InputError, match=r"wrong shape in .*time: expected 12 × 2, got \(30, 2\)"):
        read(variables)


def test_data_with_three_axes(read, variables):
    variables["data"] = variables["data"].reshape(30, 4, 3)
    with pytest.raises(InputError, match=r"wrong shape in .*data: expected any × any, got"):
        read(variables)


def test_no_data(read, variables):
    variables["data"] = np.zeros((30, 0))
    with pytest.raises(InputError, match=r"no data in .*subject_1\.mat"):
        read(variables)


def test_coordinates_of_another_subject(read, variables):
    variables["meta"]["colToCoord"] = variables["meta"]["colToCoord"][:-1]
    with pytest.raises(InputError, match=r"wrong shape in .*colToCoord: expected 12 × 3, got"):
        read(variables)


def test_regions_of_another_subject(read, variables):
    variables["meta"]["colToROInum"] = variables["meta"]["colToROInum"][:, :-1]
    with pytest.raises(InputError, match=r"wrong shape in .*colToROInum: expected 12, got 11"):
        read(variables)


@pytest.mark.parametrize("bad", [0.0, 5.0, 1.5, np.nan])
def test_coordinates_outside_the_volume(read, variables, bad):
    variables["meta"]["colToCoord"][3, 0] = bad
    with pytest.raises(
        InputError, match=r"wrong coordinates in .*column 3: expected whole numbers"
    ):
        read(variables)


def test_voxel_given_twice(read, variables):
    variables["meta"]["colToCoord"][4] = variables["meta"]["colToCoord"][1]
    with pytest.raises(InputError, match=r"voxel given twice in .*colToCoord, column 4"):
        read(variables)


def test_times_that_are_not_finite():
    with pytest.raises(InputError, match="times that are not finite in time"):
        parse_time(np.array([[0.0, 1.0], [np.nan, 1.0]]), "time")


@pytest.mark.parametrize("runs", [[1, 2, 1], [1.0, 1.5, 2.0]])
def test_wrong_runs(runs):
    with pytest.raises(InputError, match=r"wrong runs in time: expected run numbers in ascending"):
        parse_time(np.column_stack([[0, 2, 4], runs]).astype(float), "time")


@pytest.mark.parametrize("onsets", [[0, 2, 5], [4, 2, 0], [0, 0, 2]])
def test_wrong_scan_times(onsets):
    with pytest.raises(InputError, match="wrong scan times in time: expected ascending"):
        parse_time(np.column_stack([onsets, [1, 1, 1]]).astype(float), "time")


@pytest.mark.parametrize(
    "time",
    [[[0, 1], [2, 1], [2, 2], [4, 2]], [[0, 1], [2, 2]], [[0, 1], [2, 1], [4, 2], [7, 2]]],
    ids=["at once", "single scans", "unlike runs"],
)
def test_scans_of_runs_that_do_not_fit(time):
    with pytest.raises(InputError, match="wrong scan times in time: expected ascending"):
        parse_time(np.array(time, dtype=float), "time")


@pytest.mark.parametrize("length", [0.0, -0.5])
@pytest.mark.parametrize(("at", "after"), [(0, "$"), (5, " after onset 8 s")])
def test_a_word_that_lasts_no_time(read, variables, length, at, after):
    variables["words"]["length"][0, at] = length
    onset = 6 + 0.5 * at
    told = (
        rf"words out of order in .*words, word {at} .*got onset {onset:g} s and length {length:g} s"
    )
    with pytest.raises(InputError, match=told + after):
        read(variables)


def test_a_volume_may_be_a_slice(read, variables):
    variables["meta"]["colToCoord"][:, 2] = 1
    variables["meta"]["dimz"] = 1.0
    places = variables["meta"]["colToCoord"][:, :2]
    kept = np.unique(places, axis=0, return_index=True)[1]
    for name in ("colToCoord", "colToROInum"):
        value = variables["meta"][name]
        variables["meta"][name] = value[kept] if name == "colToCoord" else value[:, kept]
    found = read(variables | {"data": variables["data"][:, kept]})
    assert found.shape == (4, 3, 1)
    assert (found.targets["k"] == 0).all()


def test_a_pause_between_runs_is_no_fault():
    time = np.array([[0, 1], [2, 1], [60, 2], [62, 2]], dtype=float)
    assert parse_time(time, "time")[1] == 2.0
