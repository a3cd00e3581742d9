"""Names are words: what reads them needs no library."""

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

MODULES = sorted(path.stem for path in (PROJECT / "stages" / "core" / "names").glob("[a-z]*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_names_imports_no_library(module):
    program = f"import sys, stages.core.names.{module}\nprint(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert not {"numpy", "pandas", "torch"} & set(answer.stdout.split())
