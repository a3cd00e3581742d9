"""Makes dvc.lock one to commit: `python -m tests.committed_lock`.

At the end of `dvc exp run` DVC opens every folder that holds pictures and that dvc.lock names. In a
clone that ran nothing there are none, and the experiment fails with its work done. So the lock of
the project, whose results no remote holds, is committed without the stages that draw.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from dvc.utils.serialize import modify_yaml


def drawing(lock: Mapping[str, Any]) -> list[str]:
    """Name the stages of a lock that write pictures."""
    return [
        name
        for name, stage in lock["stages"].items()
        if any(out["path"].startswith("plots/") for out in stage.get("outs", []))
    ]


@click.command(help=__doc__)
@click.argument("lock", type=click.Path(path_type=Path, exists=True), default=Path("dvc.lock"))
def main(lock: Path) -> None:
    """Take the stages that draw out of a lock."""
    with modify_yaml(str(lock)) as content:
        for name in drawing(content):
            del content["stages"][name]


if __name__ == "__main__":
    main()
