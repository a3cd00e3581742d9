"""A short form of the campaign: `make chaos` does all of it."""

import os
import subprocess
import sys

import pytest

from tests.chaos.campaign import left_out_anew
from tests.chaos.trial import Ended
from tests.chaos.verdicts import judge
from tests.conftest import PROJECT

KINDS = (
    "params.yaml", "mat", "netcdf", "tables", "structure: params.yaml", "structure: tables",
    "kills: netcdf", "limits: netcdf",
)  # fmt: skip


@pytest.mark.slow
def test_what_is_broken_by_chance_ends_in_equal_bytes_or_one_line():
    words = [word for kind in KINDS for word in ("--only", kind)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--trials", "4", "--minutes", "0.4", *words],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "params.yaml" in done.stdout


@pytest.mark.parametrize(
    ("code", "said", "same", "may_differ", "verdict"),
    [
        (0, "", True, False, "equal"),
        (0, "", False, True, "explained"),
        (0, "", False, False, "silent"),
        (0, "failed: net: unreadable", False, False, "one line"),
        (2, "error: no", False, False, "one line"),
        (2, "Usage: x\nError: no such option", False, False, "one line"),
        (1, "error: no\nmore", False, False, "traceback"),
        (1, "Traceback (most recent call last):\nerror: no", False, False, "traceback"),
        (3, "error: no", False, False, "traceback"),
        (-11, "error: no", False, False, "crash"),
        (None, "", False, False, "hang"),
    ],
)
def test_verdicts(code, said, same, may_differ, verdict):
    assert judge(Ended(code, said, 1.0), same=same, may_differ=may_differ) == verdict


@pytest.mark.parametrize(
    ("said", "anew"),
    [
        ("s1 excluded: 2 of 2 targets constant: a, b", False),
        ("s1 excluded: 2 of 2 targets constant: a, b\ns2 excluded: lacks run 1", True),
        ("s1 excluded: 2 of 2 targets not finite: a, b", True),
        ("s2: 1 of 2 targets dropped, constant: a", False),
    ],
)
def test_who_is_always_left_out_explains_nothing(said, anew):
    always = Ended(0, "s1 excluded: 2 of 2 targets constant: a, b\n1 person", 1.0)
    assert left_out_anew(Ended(0, said, 1.0), always) == anew
