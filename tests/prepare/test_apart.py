"""What reads untrusted bytes may die alone."""

import faulthandler
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from stages.core.run.errors import InputError
from stages.prepare import matfile
from stages.prepare.apart import _seconds, apart


def die(number):
    """End without a word, which pytest would add."""
    faulthandler.disable()
    os.kill(os.getpid(), number)


PATH, DO = Path("some.mat"), "Get it anew."


def test_what_is_read_comes_back_as_it_was_in_memory():
    table = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    cell = np.empty((1, 1), dtype=[("name", object)])
    cell["name"][0, 0] = np.array(["é"])
    found = apart(lambda: {"a": table, "b": cell}, PATH, DO)
    assert found["a"].tolist() == table.tolist()
    assert found["a"].flags.f_contiguous
    assert not found["a"].flags.c_contiguous
    assert found["b"]["name"][0, 0].tolist() == ["é"]


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_reader_that_dies_is_a_line_that_names_the_file(number):
    with pytest.raises(InputError, match=rf"ended its reader in some.mat: got {number.name}\. Get"):
        apart(partial(die, number), PATH, DO)


@pytest.mark.parametrize("code", [0, 3])
def test_a_reader_that_ends_without_an_answer_is_told(code):
    with pytest.raises(InputError, match=f"ended its reader in some.mat: got exit code {code}"):
        apart(partial(os._exit, code), PATH, DO)


def test_a_reader_that_dies_within_its_answer_is_told(monkeypatch):
    def half(_, to, __):
        os.write(to.fileno(), b"\0\0\0\x64half")
        os._exit(3)

    monkeypatch.setattr("stages.prepare.apart._answer", half)
    with pytest.raises(InputError, match="ended its reader in some.mat: got exit code 3"):
        apart(lambda: 1, PATH, DO)


def test_a_reader_may_be_given_less_time_than_it_is_allowed():
    """As where a cluster bounds the computing time of a session."""
    code = "from stages.prepare.apart import *; print(apart(int, Path('some.mat'), ''))"
    found = subprocess.run(
        ["sh", "-c", 'ulimit -t 15; exec "$0" -c "$1"', sys.executable, code],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == "0\n", found.stderr


def test_what_a_reader_raises_is_raised_here():
    with pytest.raises(RuntimeError, match="ZeroDivisionError: .* by zero"):
        apart(lambda: 1 // 0, PATH, DO)


def test_an_error_of_ours_is_raised_as_it_was():
    def refuse():
        raise InputError("no table", where="here", do="Look.")

    with pytest.raises(InputError, match=r"^no table in here\. Look\.$"):
        apart(refuse, PATH, DO)


def test_a_reader_that_comes_to_no_end_is_ended(monkeypatch):
    def forever():
        while True:
            pass

    monkeypatch.setattr("stages.prepare.apart.SECONDS", 1)
    with pytest.raises(InputError, match="ended its reader in some.mat: got SIGXCPU"):
        apart(forever, PATH, DO)


def test_a_file_that_crashes_scipy_is_named(tmp_path, monkeypatch):
    path = tmp_path / "a.mat"
    savemat(path, {"x": np.arange(3.0)})
    assert matfile.read_mat(path, ["x"])["x"].tolist() == [[0, 1, 2]]
    monkeypatch.setattr(matfile, "loadmat", lambda *_, **__: die(signal.SIGSEGV))
    with pytest.raises(InputError, match=r"ended its reader in .*a\.mat: got SIGSEGV"):
        matfile.read_mat(path, ["x"])


def test_a_second_more_is_given_for_each_whole_megabyte(tmp_path):
    path = tmp_path / "large"
    assert _seconds(path) == 20
    with path.open("wb") as file:
        file.truncate(3_999_999)
    assert _seconds(path) == 23
