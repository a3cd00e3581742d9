"""Validators of other people, where they are installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def bids_errors(folder: Path) -> list[str]:
    """Codes of the errors that bids-validator-deno finds in a folder, offline."""
    beside = Path(sys.executable).with_name("bids-validator-deno")
    found = str(beside) if beside.exists() else shutil.which("bids-validator-deno")
    if found is None:
        pytest.skip("bids-validator-deno is not installed (92 MB; pip install bids-validator-deno)")
    answer = subprocess.run(
        [found, "--format", "text", str(folder)], capture_output=True, text=True, check=False
    )
    assert "Summary" in answer.stdout, answer.stderr
    lines = [line for line in answer.stdout.splitlines() if "[ERROR]" in line]
    assert bool(lines) == (answer.returncode != 0)
    return lines
