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
OUT = ("--out", "{folder}/out.parquet")
JACKKNIFE = ("--jackknife", "{folder}/jackknife.parquet")
ALIGN = ("stages.align", "align", *OUT, *JACKKNIFE, "--ceilings", "{folder}/ceilings.parquet")
SCENE = ("stages.encode", "scene", *OUT, *JACKKNIFE, "--activations", "{layers}")
# What each command is called with beside `--recording` and `--params`.
COMMANDS = {
    "encode": ("stages.encode", "model", *OUT, *JACKKNIFE, "--activations", "{layers}"),
    "encode scene": (*SCENE, "--groups", "{folder}/groups.parquet"),
    "encode scene, none alike": (*SCENE, "--groups", "{folder}/none_alike.parquet"),
    "probe": ("stages.probe", *OUT, "--activations", "{layers}"),
    "ceilings": ("stages.ceilings", "story", *OUT, "--points", "{folder}/points.parquet"),
    "decode": (
        *("stages.decode", *OUT, "--maps", "{folder}/maps", "--summary", "{folder}/summary.json"),
    ),
    "align": (*ALIGN, "--activations", "{layers}"),
    "align without pieces": (*ALIGN, "--activations", "{layers}"),
    "areas": (
        *("stages.align", "areas", "--activations", "{folder}"),
        *("--areas", "{folder}/out.parquet", "--layers", "{folder}/beside.parquet"),
    ),
    "scene ceilings": ("stages.align", "ceilings", *OUT),
}
# Tables that a command gives, one below the other, where these are not the first alone.
GIVEN = {"align without pieces": ("out", "jackknife")}
Changes = Mapping[str, Any]


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
        content[section] = content[section] | values if isinstance(values, Mapping) else values
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
    params = folder / "params.yaml"
    write_json(params, content)
    nothing = results_table([])
    write_results(folder / "ceilings.parquet", nothing, of_recording(folder / RECORDING))
    module, *words = COMMANDS[stage]
    given = [word.format(layers=folder / LAYERS, folder=folder) for word in words]
    common = ["--recording", folder / RECORDING, "--params", params]
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
    paths = [folder / f"{name}.parquet" for name in GIVEN.get(stage, ("out",))]
    tables = [read_table(path, ("region",), "Run it again.") for path in paths]
    return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)


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
