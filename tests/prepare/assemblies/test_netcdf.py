import h5py
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.assemblies.netcdf import read_assembly

VALUES = np.random.default_rng(0).standard_normal((4, 3))
STIMULI = {"word": ["a", "Über", "nan", "d"], "story_id": [1, 1, 2, 2]}
UNITS = {"subject_id": ["x", "y", "z"]}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", ["data", "__xarray_dataarray_variable__"])
def test_the_matrix_is_found_whatever_its_name_and_order(write, name, turned):
    found = read_assembly(write(VALUES, STIMULI, UNITS, name=name, turned=turned, unit="subject"))
    np.testing.assert_array_equal(found.measured, VALUES)
    assert list(found.stimuli) == ["story_id", "word"]
    assert list(found.units) == ["subject_id"]
    assert list(found.stimuli["word"]) == ["a", "Über", "", "d"]


@pytest.mark.parametrize("order", ["<", ">"])
def test_rows_keep_their_values_when_they_are_sorted_and_chosen(write, order):
    """In either order of bytes, of which pandas takes one."""
    place = np.array([3, 1, 2, 0], f"{order}f4")
    found = read_assembly(write(VALUES, {"place": place, "kept": [1, 1, 0, 1]}, UNITS))
    sorted_ = found.ordered(["place"])
    np.testing.assert_array_equal(sorted_.measured, VALUES[[3, 1, 2, 0]])
    kept = sorted_.stimuli_where(sorted_.stimuli["kept"] == 1).units_where(
        sorted_.units["subject_id"] != "y"
    )
    np.testing.assert_array_equal(kept.measured, VALUES[[3, 1, 0]][:, [0, 2]])
    assert list(kept.stimuli["place"]) == [0, 1, 3]
    assert list(sorted_.stimuli) == list(kept.stimuli) == ["kept", "place"]
    assert list(kept.units) == ["subject_id"]
    assert [list(table.index) for table in (sorted_.stimuli, kept.stimuli, kept.units)] == [
        [0, 1, 2, 3], [0, 1, 2], [0, 1],
    ]  # fmt: skip


def test_what_is_no_assembly(write, tmp_path):
    text = tmp_path / "text.nc"
    text.write_text("netCDF?")
    with pytest.raises(InputError, match=r"unreadable hdf5.*text\.nc"):
        read_assembly(text)
    text.write_bytes(b"CDF\x01 of another time")
    with pytest.raises(InputError, match=r"netCDF-3 in .*netCDF-4.*engine='h5netcdf'"):
        read_assembly(text)
    with pytest.raises(InputError, match="file not found"):
        read_assembly(tmp_path / "absent.nc")
    square = write(VALUES, STIMULI, {"other": VALUES[:, 0][:3]})
    with h5py.File(square, "a") as file:
        file.create_dataset("second", data=VALUES)
    with pytest.raises(InputError, match="no assembly.*expected one matrix, got 2"):
        read_assembly(square)
    with h5py.File(square, "a") as file:
        del file["second"], file["data"]
        file.create_dataset("data", data=VALUES)
    with pytest.raises(InputError, match="expected presentation and another dimension"):
        read_assembly(square)


def test_numbers_stored_as_text_are_sorted_by_value(write):
    told = {"number": ["9", "10", "8", "11"], "name": ["b", "a", "10", "c"]}
    found = read_assembly(write(VALUES, told, UNITS))
    assert list(found.ordered(["number"]).stimuli["number"]) == ["8", "9", "10", "11"]
    assert list(found.ordered(["name"]).stimuli["name"]) == ["10", "a", "b", "c"]


def test_numbers_are_unpacked_and_what_fills_gaps_is_missing(write):
    """By hand: xarray packs as whole numbers what is given an encoding with a scale."""
    path = write(VALUES, STIMULI, UNITS, turned=True)
    packed = np.array([[1, 2, -99, 4], [5, -99, 7, 8], [9, 10, 11, 12]], dtype=np.int16)
    with h5py.File(path, "a") as file:
        scales = [file["subject_id"].dims[0][0], file["word"].dims[0][0]]
        del file["data"]
        matrix = file.create_dataset("data", data=packed)
        for place, scale in enumerate(scales):
            matrix.dims[place].attach_scale(scale)
        matrix.attrs["_FillValue"] = np.array([-99], dtype=np.int16)
        matrix.attrs["scale_factor"], matrix.attrs["add_offset"] = 0.5, 100.0
    expected = [[100.5, 102.5, 104.5], [101, np.nan, 105], [np.nan, 103.5, 105.5], [102, 104, 106]]
    np.testing.assert_array_equal(read_assembly(path).measured, expected)


@pytest.mark.parametrize("made", [np.array([True, False] * 2), np.ones(4, dtype=complex)])
def test_coordinates_are_numbers_or_texts(write, made):
    """Flags were taken for names of passages, of which there were then two."""
    with pytest.raises(InputError, match=r"wrong coordinate in .*got /passage"):
        read_assembly(write(VALUES, STIMULI | {"passage": made}, UNITS))
