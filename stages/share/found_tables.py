"""The tables of both studies, read for sharing; a study that was not run has none."""

import logging
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from stages.core.names.vocabulary import HELD_APART
from stages.core.recording.types import Recording
from stages.core.results.results import read_results, results_table
from stages.core.results.stage_rows import Stage
from stages.core.results.story_ceilings import CEILING_COLUMNS, read_story_ceilings
from stages.core.results.survey import read_tables
from stages.core.results.typed_tables import empty_table
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there
from stages.core.run.origins import Origin, together
from stages.share.scene_derivative import Aligned
from stages.share.story_derivative import Found

log = logging.getLogger("concord.share")
DO = "Run `dvc repro`."


def read_story(results: Path, made_from: Origin) -> Found:
    """Read what the story study found.

    Parameters
    ----------
    results : Path
    made_from : mapping of str to str
        The recording, as `of_recording` names it.

    Raises
    ------
    InputError
        If a table is damaged, or of another recording.
    """
    ceilings = results / "ceilings_story.parquet"
    names = ("encode", "probe", "decode", "ceilings_story")
    _check_together(made_from, *(results / f"{name}.parquet" for name in names))
    return Found(
        encode=_results(results / "encode.parquet", "encode"),
        probe=_results(results / "probe.parquet", "probe"),
        decode=_results(results / "decode.parquet", "decode"),
        ceilings=read_story_ceilings(ceilings)
        if _there(ceilings)
        else empty_table(CEILING_COLUMNS),
        maps=results / "decode_maps",
    )


def check_same_recording(recording: Recording, tables: Iterable[pd.DataFrame], where: Path) -> None:
    """Raise `InputError` if results are of another recording, whose people may have the same names.

    Parameters
    ----------
    recording : Recording
    tables : iterable of DataFrame
        With a column `dataset`.
    where : Path
        Folder of the results.
    """
    for table in tables:
        others = set(table["dataset"]) - {recording.dataset, ""}
        if others:
            raise InputError(
                "results of another recording",
                where=where,
                expected=recording.dataset,
                got=", ".join(sorted(others)),
                do=DO,
            )


def read_scene(results: Path, made_from: Origin) -> Aligned:
    """Read what the scene study found.

    Parameters
    ----------
    results : Path
    made_from : mapping of str to str
        The recording, as `of_recording` names it.

    Raises
    ------
    InputError
        If a table is missing or damaged, or of another recording.
    """
    names = ("survey/scores", "survey/best", "ceilings")
    _check_together(made_from, *(results / f"{name}.parquet" for name in names))
    kept = {"split": HELD_APART, "kind": ("layer", "nested")}
    tables = read_tables(results / "survey", ("scores", "best"), kept)
    return Aligned(
        tables["scores"], tables["best"], _results(results / "ceilings.parquet", "ceilings")
    )


def _check_together(made_from: Origin, *paths: Path) -> None:
    together(made_from, *(path for path in paths if lies_there(path)), do=DO)


def _results(path: Path, stage: Stage) -> pd.DataFrame:
    return read_results(path, stage, DO) if _there(path) else results_table([])


def _there(path: Path) -> bool:
    """Whether a table is there; it is left out by name if it is not."""
    found = lies_there(path)
    if not found:
        log.warning("%s is not there, and left out", path)
    return found
