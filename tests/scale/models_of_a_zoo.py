"""This project's flow with many models, as if all of it had been run."""

import subprocess
from pathlib import Path

from tests.changed_params import write_params
from tests.conftest import PROJECT
from tests.scale.measured import run_dvc


def write_zoo(folder: Path, models: int) -> int:
    """Make a clone whose zoo has so many models, and everything that its flow reads and writes.

    Returns
    -------
    int
        Stages.
    """
    subprocess.run(["git", "clone", "--quiet", PROJECT, folder], check=True)
    names = [f"model-{number:03}" for number in range(models)]
    specs = {f"models.{name}": f"timm:{name}" for name in names}
    write_params(folder / "params.yaml", {"zoo": names} | specs)
    stages = _fill(folder)
    run_dvc(folder, "commit", "--force", "--quiet")
    return stages


def _fill(folder: Path) -> int:
    """Write what is missing of what stages read and write; `dvc commit` takes it for theirs."""
    from dvc.repo import Repo

    with Repo(str(folder)) as repository:
        stages = [stage for stage in repository.index.stages if stage.cmd]
        places = {Path(out.fs_path) for stage in stages for out in (*stage.deps, *stage.outs)}
    for path in sorted(places):
        if path.exists():
            continue
        if path.suffix:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}\n" if path.suffix == ".json" else f"{path.name}\n")
        else:
            path.mkdir(parents=True)
            (path / "made").write_text(f"{path.name}\n")
    return len(stages)
