"""A written assembly, as h5py alone reads it."""

import h5py
import numpy as np

from stages.simulate.language.assembly_writer import write_assembly


def test_a_matrix_and_its_coordinates_lie_on_named_dimensions(tmp_path):
    values = np.arange(6.0).reshape(3, 2)
    stimuli = {"text": ["a", "é", "c"], "number": np.array([3, 1, 2]), "object": ["x", "y", "z"]}
    write_assembly(tmp_path / "a.nc", values, stimuli, {"id": ["u", "v"]}, "subject")
    with h5py.File(tmp_path / "a.nc") as file:
        assert set(file) == {"data", "presentation", "subject", *stimuli, "id"}
        np.testing.assert_array_equal(file["data"][:], values)
        assert [dim[0].name for dim in file["data"].dims] == ["/presentation", "/subject"]
        assert (file["data"].compression, file["data"].compression_opts) == ("gzip", 4)
        for name in stimuli:
            assert [scale.name for scale in file[name].dims[0].values()] == ["/presentation"]
        assert file["id"].dims[0][0].name == "/subject"
        assert file["text"].asstr()[:].tolist() == ["a", "é", "c"]
        assert h5py.check_string_dtype(file["text"].dtype) is not None
        assert file["number"][:].tolist() == [3, 1, 2]
        for name, length in (("presentation", 3), ("subject", 2)):
            scale = file[name]
            assert (scale.shape, scale.dtype) == ((length,), ">f4")
            told = scale.attrs["NAME"].decode()
            assert told == (f"This is a netCDF dimension but not a netCDF variable{length:10d}")


def test_units_are_neuroids_unless_they_are_something_else(tmp_path):
    write_assembly(tmp_path / "a.nc", np.ones((1, 1)), {"a": ["x"]}, {"b": ["y"]})
    with h5py.File(tmp_path / "a.nc") as file:
        assert set(file) == {"data", "presentation", "neuroid", "a", "b"}
