"""A stage by `dvc repro`, which sees a moment late that its command has failed.

DVC then writes its list of files in use, in place. What ends a job ends its processes one after
another: ended second, in the middle of that, DVC would leave a list that no other stage can read.
"""

import sys
from collections.abc import Callable
from functools import wraps
from time import sleep
from typing import Any

from dvc.cli import main as dvc
from dvc.stage import run
from dvc.stage.exceptions import StageCmdFailedError

MOMENT = 2.0  # seconds


def main() -> None:
    """Run the stage that is named on the command line."""
    run.cmd_run = fail_late(run.cmd_run)
    sys.exit(dvc(["--wait-for-lock", "repro", "--single-item", *sys.argv[1:]]))


def fail_late(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let what runs the command of a stage wait for a moment where that fails."""

    @wraps(command)
    def patient(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except StageCmdFailedError:
            sleep(MOMENT)
            raise

    return patient


if __name__ == "__main__":
    main()
