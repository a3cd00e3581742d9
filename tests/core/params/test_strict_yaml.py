"""What is no plain YAML is refused in one short line."""

import pytest

from stages.core.params.read import read_params
from stages.core.run.errors import InputError
from tests.conftest import PROJECT

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(
        InputError, match=r"file not found in .*params\.yaml.*folder of the project"
    ):
        read_params(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("model: [unclosed")
    with pytest.raises(InputError, match="unreadable YAML"):
        read_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty file"),
        ("# nothing\n", r"wrong parameters .*expected keys with values, got None"),
        ("- a\n- b\n", r"wrong parameters .*expected keys with values, got \['a', 'b'\]"),
        ("model", r"wrong parameters .*expected keys with values, got 'model'"),
        (LAUGHS, r"YAML that is not plain in .*params\.yaml, line 2: got alias \*a$"),
        ("x: !!python/object:os.system 1\n", r"not plain in .*, line 1: got tag .*os\.system"),
        ("[" * 100_000, r"not plain in .*: got more than 20 levels"),
        ("x: '" + "y" * 200_000 + "'\n", r"file too large .*expected at most 200000 bytes"),
        ("a: 1\nb: 2\na: 3\n", r'unreadable YAML .*got found duplicate key "a".*, line 3$'),
        ("a: 1\n---\nb: 2\n", r"unreadable YAML .*another document"),
        ("a: 1\n\x00", r"unreadable YAML .*unacceptable character"),
        ("a: 2001-99-99\n", r"unreadable YAML .*month must be in 1\.\.12"),
        (f"a: {'9' * 5000}\n", r"unreadable YAML .*4300 digits"),
        ("a: 1\n[b]: 1\n", r"Keys should be strings, got \('b',\)"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(tmp_path, content, message):
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=message) as told:
        read_params(path)
    assert len(str(told.value)) < 2000
    assert "\n" not in str(told.value)


def test_a_number_too_long_to_show(tmp_path):
    path = tmp_path / "params.yaml"
    content = (PROJECT / "params.yaml").read_text()
    path.write_text(content.replace("gap: 8", f"gap: 0x{'f' * 50_000}"))
    with pytest.raises(InputError, match=r"folds\.gap: .*got a number of thousands of digits$"):
        read_params(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings(tmp_path, encoding):
    path = tmp_path / "params.yaml"
    path.write_bytes((PROJECT / "params.yaml").read_text().encode(encoding))
    with pytest.raises(InputError, match=r"not UTF-8 in .*params\.yaml: got byte 0"):
        read_params(path)


def test_marks_and_line_ends_of_other_systems(tmp_path):
    path = tmp_path / "params.yaml"
    content = (PROJECT / "params.yaml").read_text().replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert read_params(path) == read_params(PROJECT / "params.yaml")
