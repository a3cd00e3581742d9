"""A stage by `dvc repro`, which gives DVC the time to put its files in order where it is ended.

DVC writes its list of files in use, and dvc.lock, in place. Ended by the signal that ends the
command of its stage, as by `scancel`, it could be in the middle of that, and the other stages could
not read them.
"""

import os
import signal
import sys
from threading import Timer

from dvc.cli import main as dvc

GRACE = 5.0  # seconds between the signal and the end of what is left of the stage


def main() -> None:
    """Run the stage that is named on the command line."""
    signal.signal(signal.SIGTERM, lambda *_: leave_soon())
    sys.exit(dvc(["--wait-for-lock", "repro", "--single-item", *sys.argv[1:]]))


def leave_soon() -> None:
    """Let DVC see that its command has ended, and kill all that is left after a while."""
    last = Timer(GRACE, os.killpg, (0, signal.SIGKILL))
    last.daemon = True
    last.start()


if __name__ == "__main__":
    main()
