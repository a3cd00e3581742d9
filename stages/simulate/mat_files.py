"""Files of MATLAB whose bytes depend on their variables only."""

import io
from pathlib import Path
from typing import Any

from scipy.io import savemat

from stages.core.run.files import atomic

# The text that opens a file of MATLAB 5; scipy would put the time of writing there.
HEADER = b"MATLAB 5.0 MAT-file, Platform: posix, simulated by Concord".ljust(116)


def write_mat(path: Path, variables: dict[str, Any]) -> None:
    """Write a MATLAB 5 file, atomically; the same variables make the same bytes."""
    buffer = io.BytesIO()
    savemat(buffer, variables, format="5")
    buffer.seek(0)
    buffer.write(HEADER)
    with atomic(path) as partial:
        partial.write_bytes(buffer.getbuffer())
