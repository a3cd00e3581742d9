"""Small public tables, whole or damaged."""

import numpy as np
import pytest
from scipy.io import savemat

from stages.core.run.errors import InputError
from stages.replicate.plain_tables import read_matrices, read_plain, read_variables


def test_columns_are_texts_and_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("name,other,x\n01,q,1\n02,r,2\n")
    table = read_plain(path, ["name"], ["x"])
    assert table.columns.tolist() == ["name", "x"]
    assert table["name"].tolist() == ["01", "02"]
    assert table["x"].tolist() == [1.0, 2.0]
    assert table["x"].dtype == float
    path.write_text("name;x\n01;1\n")
    assert read_plain(path, ["name"], ["x"], ";")["x"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,x\n", "table without rows"),
        ("name\na\n", "unreadable table"),
        ("name,x\na,b\n", "unreadable table"),
    ],
)
def test_tables_that_are_wrong(tmp_path, text, message):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_plain(tmp_path / "a.csv", ["name"], ["x"])


def test_variables_of_a_file_are_those_asked_for(tmp_path):
    values = {"a": np.arange(6).reshape(2, 3), "b": np.array([["t"]]), "c": np.ones((1, 1))}
    savemat(tmp_path / "a.mat", values)
    assert set(read_variables(tmp_path / "a.mat", ["a", "b"])) == {"a", "b"}
    found = read_matrices(tmp_path / "a.mat", ["a", "c"])
    np.testing.assert_array_equal(found["a"], values["a"])
    assert found["a"].dtype == np.float64
    with pytest.raises(InputError, match="unreadable .mat file"):
        read_variables(tmp_path / "a.mat", ["d"])
    with pytest.raises(InputError, match="unreadable .mat file"):
        read_matrices(tmp_path / "a.mat", ["b"])
    (tmp_path / "a.mat").write_bytes(b"nothing")
    with pytest.raises(InputError, match="unreadable .mat file"):
        read_variables(tmp_path / "a.mat", ["a"])


@pytest.mark.parametrize("wrong", [[[1, np.nan]], [[1, np.inf]], np.ones((2, 2, 2))])
def test_matrices_are_finite_and_have_two_dimensions(tmp_path, wrong):
    savemat(tmp_path / "a.mat", {"a": np.ones((2, 2)), "w": wrong})
    assert read_matrices(tmp_path / "a.mat", ["a"])["a"].tolist() == [[1, 1], [1, 1]]
    with pytest.raises(InputError, match="not a finite matrix in .*: w: got"):
        read_matrices(tmp_path / "a.mat", ["a", "w"])
