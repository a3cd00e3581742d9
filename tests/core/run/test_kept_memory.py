import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from stages.core.run.kept_memory import keep_freed_memory

if sys.argv[1] == "kept":
    assert keep_freed_memory()
np.ones(4 << 20)  # what is kept is asked for once
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(4 << 20)
sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before))
"""


def faults(how):
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries go on as they do")
def test_freed_memory_is_not_mapped_anew():
    # 32 MB each time, so that glibc maps it alone.
    assert faults("given back") > 20 * faults("kept")
