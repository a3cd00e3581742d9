import numpy as np
import pytest
from scipy.io import loadmat, savemat

from stages.core.run.errors import InputError
from stages.prepare.matfile import fields, numbers, read_mat, text, texts

NAMES = ("data", "time", "words", "meta")


def test_reads_the_named_variables_only(release):
    assert list(read_mat(release / "subject_1.mat", ("time",))) == ["time"]


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"file not found in .*subject_9\.mat.*README"):
        read_mat(tmp_path / "subject_9.mat", NAMES)


def test_empty_file(tmp_path):
    (tmp_path / "subject_1.mat").touch()
    with pytest.raises(InputError, match=r"empty file in .*subject_1\.mat"):
        read_mat(tmp_path / "subject_1.mat", NAMES)


def test_lfs_pointer(tmp_path):
    path = tmp_path / "subject_1.mat"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    with pytest.raises(InputError, match=r"Git-LFS pointer in place of the file in .*git lfs pull"):
        read_mat(path, NAMES)


def test_version_73(tmp_path):
    path = tmp_path / "subject_1.mat"
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512, b" ")
    path.write_bytes(header + b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(InputError, match=r"MATLAB v7\.3 file in .*expected version 5 to 7.*'-v7'"):
        read_mat(path, NAMES)


@pytest.mark.parametrize("compressed", [False, True])
def test_wherever_it_is_cut_it_is_refused(tmp_path, release, compressed):
    whole = tmp_path / "whole.mat"
    content = loadmat(release / "subject_1.mat", variable_names=NAMES)
    savemat(whole, {name: content[name] for name in NAMES}, do_compression=compressed)
    data, cut = whole.read_bytes(), tmp_path / "subject_1.mat"
    for length in range(1, len(data), len(data) // 60):
        cut.write_bytes(data[:length])
        with pytest.raises(InputError, match=r"truncated"):
            read_mat(cut, NAMES)


def test_no_mat_file_at_all(tmp_path):
    path = tmp_path / "subject_1.mat"
    path.write_text("<html>Sign in to download</html>" * 30)
    with pytest.raises(
        InputError, match=r"truncated or unreadable \.mat file in .*Obtain the file"
    ):
        read_mat(path, NAMES)


def test_variable_missing(release):
    with pytest.raises(
        InputError,
        match=r"variable missing in .*story_features\.mat: expected data, time.*got none of them",
    ):
        read_mat(release / "story_features.mat", NAMES)


def test_field_missing(make_struct):
    with pytest.raises(InputError, match=r"field missing in words: expected start\. Did you mean"):
        fields(make_struct({"text": ["a"], "strat": [0.0]}), ("text", "start"), "words")


def test_no_struct():
    with pytest.raises(
        InputError, match=r"wrong variable in words: expected a struct, got float64"
    ):
        fields(np.zeros((1, 3)), ("text",), "words")


def test_fields_in_any_order(make_struct):
    array = make_struct({"b": [1, 2], "a": ["x", "y"]})
    assert fields(array, ("a", "b"), "words") == [["x", "y"], [1, 2]]


def test_text_within_cells(make_cell):
    inner = np.array(["Harry"])
    outer = np.empty((1, 1), dtype=object)
    outer[0, 0] = inner
    assert text(outer, "words") == "Harry"
    assert text(np.array([], dtype="<U1"), "words") == ""
    assert texts(make_cell("a", "b"), "names") == ["a", "b"]
    assert texts(np.array(["sentence_length"]), "names") == ["sentence_length"]


def test_text_expected(make_struct):
    with pytest.raises(InputError, match=r"wrong type in words: expected text, got float"):
        text(np.array([[3.0]]), "words")


def test_small_integers_do_not_wrap():
    values = numbers(np.array([[200, 100]], dtype=np.uint8), "values")
    assert values.sum() == 300
    assert values[0, 1] - values[0, 0] == -100


def test_numbers_expected():
    with pytest.raises(InputError, match=r"wrong type in data: expected numbers, got object"):
        numbers(np.array([[None]]), "data")


def test_wrong_shape():
    with pytest.raises(InputError, match=r"wrong shape in time: expected any × 2, got \(2, 5\)"):
        numbers(np.zeros((2, 5)), "time", (None, 2))
