"""HDF5 files that link, lie or are damaged."""

import h5py
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.core.run.hdf5_files import dataset, hdf5_reading, open_hdf5

DO = "Get it anew."


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["numbers"] = np.arange(6.0).reshape(2, 3)
        file["itself"] = h5py.SoftLink("/itself")
        file["other"] = h5py.SoftLink("/numbers")
        file["outside"] = h5py.ExternalLink("b.hdf5", "/numbers")
        file["root"] = file["/"]
        file["nothing"] = h5py.Empty("f4")
        file.create_dataset("bomb", (10**6, 10**6), "f8", chunks=(64, 64))
        file.create_dataset("packed", data=np.zeros(10**7), compression="gzip", chunks=(10**6,))
        chunk = {"chunks": (10**5, 10**4), "compression": "gzip"}
        file.create_dataset("chunk", (10**5, 10**4), "u1", **chunk)
        file["filled"] = np.zeros(10**6, "u1")  # so that the file could hold that much
        raw = [(str(tmp_path / "raw.bin"), 0, 48)]
        file.create_dataset("raw", (6,), "f8", external=raw)
        layout = h5py.VirtualLayout((6,), "f8")
        layout[:] = h5py.VirtualSource("b.hdf5", "numbers", (6,))
        file.create_virtual_dataset("virtual", layout)
    return tmp_path / "a.hdf5"


def test_what_the_file_holds_is_found_however_well_it_is_packed(path):
    with open_hdf5(path, DO) as file:
        assert dataset(file, "numbers", path, DO)[()].tolist() == [[0, 1, 2], [3, 4, 5]]
        assert dataset(file, "packed", path, DO).shape == (10**7,)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("itself", "no dataset in .*itself: expected numbers, got a link, SoftLink"),
        ("other", "got a link, SoftLink"),
        ("outside", "got a link, ExternalLink"),
        ("root", "dataset missing in .*expected root"),
        ("raw", "dataset missing"),
        ("virtual", "dataset missing"),
        ("nothing", "dataset missing"),
        ("absent", "dataset missing in .*expected absent, got .*'numbers'.*Get it anew"),
        ("chunk", "huge chunk in .*chunk: expected at most 536870912 bytes, got 1000000000"),
        ("bomb", "more claimed than is stored in .*bomb.*got 8000000000000 bytes in a file of"),
    ],
)
def test_what_it_does_not_hold_is_refused(path, name, said):
    with open_hdf5(path, DO) as file, pytest.raises(InputError, match=said):
        dataset(file, name, path, DO)


def test_no_hdf5_is_told_and_what_a_user_of_the_file_raises_is_left(path, tmp_path):
    (tmp_path / "text").write_text("HDF?")
    refused = pytest.raises(InputError, match="unreadable hdf5 in .*text.*Get it anew")
    with refused, open_hdf5(tmp_path / "text", DO):
        pass
    with pytest.raises(ZeroDivisionError), open_hdf5(path, DO):
        raise ZeroDivisionError
    with pytest.raises(RuntimeError, match="ours"), open_hdf5(path, DO):
        raise RuntimeError("ours")
    refused = pytest.raises(InputError, match="unreadable hdf5 in there: got theirs")
    with refused, hdf5_reading("there", DO):
        raise RuntimeError("theirs")
