"""Running commands of other stages, as their users do, and keeping what they gave."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from stages.calibrate.simulated_folders import LAYERS, RECORDING
from stages.core.params.schema import Calibrate, Params, Section
from stages.core.results.results import results_table, write_results
from stages.core.run.errors import ConcordError
from stages.core.run.files import sha256, write_json
from stages.core.run.origins import of_recording
from stages.core.run.settings import read_settings
from stages.core.run.tables import read_table, write_table

STAGES = Path(__file__).parents[1]
# What each command is called with beside `--recording`, `--out` and `--params`.
COMMANDS = {
    "encode": (
        *("stages.encode", "model", "--activations", "{layers}"),
        *("--jackknife", "{folder}/jackknife.parquet"),
    ),
    "probe": ("stages.probe", "--activations", "{layers}"),
    "ceilings": ("stages.ceilings", "story", "--points", "{folder}/points.parquet"),
    "decode": ("stages.decode", "--maps", "{folder}/maps", "--summary", "{folder}/summary.json"),
    "align": (
        *("stages.align", "align", "--activations", "{layers}", "--ceilings", "{ceilings}"),
        *("--jackknife", "{folder}/jackknife.parquet"),
    ),
    "scene ceilings": ("stages.align", "ceilings"),
}
Changes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Study:
    """What stages are run with.

    Attributes
    ----------
    params : Params
        Those of the study.
    settings : Calibrate
        Its section for this stage.
    used : tuple of Section
        Its sections that can change what the stages say.
    """

    params: Params
    settings: Calibrate
    used: tuple[Section, ...]


@dataclass(frozen=True)
class StageRun:
    """A command on one simulated recording.

    Attributes
    ----------
    stage : str
        One of `COMMANDS`.
    write : callable
        Writes the recording and the activations into a folder (see `write_folders`), the same ones
        whenever it is called.
    changes : mapping
        By section of params.yaml, what differs there from the study's.
    """

    stage: str
    write: Callable[[Path], None]
    changes: Changes


def run_stages(runs: list[StageRun], study: Study) -> list[pd.DataFrame]:
    """Run commands one after the other, on one recording, those with a kept table not again.

    Parameters
    ----------
    runs : list of StageRun
        All of the same recording.
    study : Study

    Returns
    -------
    list of DataFrame
        Their results tables.

    Raises
    ------
    ConcordError
        If a command fails: with the last line that it said.
    """
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        runs[0].write(folder)
        written = _digest(folder)
        return [_kept(run, folder, written, study) for run in runs]


def changed(params: Params, changes: Changes) -> dict[str, Any]:
    """Make the content of a params.yaml: that of the study, but for what is said to differ."""
    content = params.model_dump(mode="json")
    for section, values in changes.items():
        content[section] |= values
    return content


def _kept(run: StageRun, folder: Path, written: str, study: Study) -> pd.DataFrame:
    """Run a command, or read what it gave before of the same input, parameters and code."""
    used = [section.model_dump(mode="json") for section in study.used]
    code = _code(COMMANDS[run.stage][0])
    by: dict[str, Any] = {"stage": run.stage, "written": written, "code": code}
    named = by | {"used": used, "changes": run.changes}
    name = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
    path = read_settings().scratch / "calibrate" / f"{name}.parquet"
    if not path.exists():
        write_table(path, _run(run.stage, folder, changed(study.params, run.changes)))
    return read_table(path, ("region",), "Remove it.")


def _run(stage: str, folder: Path, content: dict[str, Any]) -> pd.DataFrame:
    params, out = folder / "params.yaml", folder / "out.parquet"
    write_json(params, content)
    ceilings = folder / "ceilings.parquet"
    write_results(ceilings, results_table([]), of_recording(folder / RECORDING))
    module, *words = COMMANDS[stage]
    places = {"layers": folder / LAYERS, "folder": folder, "ceilings": ceilings}
    given = [word.format(**places) for word in words]
    common = ["--recording", folder / RECORDING, "--out", out, "--params", params]
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *given, *map(str, common)],
        capture_output=True,
        text=True,
        check=False,
        cwd=STAGES.parent,
    )
    if answer.returncode:
        said = answer.stderr.strip().rpartition("\n")[2]
        raise ConcordError("stage that failed", where=module, got=said)
    return read_table(out, ("region",), "Run it again.")


def _digest(folder: Path) -> str:
    """Digest of the names and contents of all files in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = "".join(f"{sha256(path)}  {path.relative_to(folder)}\n" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _code(module: str) -> str:
    """Digest of the code of a stage's module and of core."""
    stage = module.rpartition(".")[2]
    files = [path for name in (stage, "core") for path in sorted((STAGES / name).rglob("*.py"))]
    return hashlib.sha256("".join(map(sha256, files)).encode()).hexdigest()
