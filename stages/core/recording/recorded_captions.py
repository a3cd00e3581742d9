"""All captions of a recording's images, which are read without the rest of it."""

from pathlib import Path

import pandas as pd

from stages.core.names.datasets import rerun
from stages.core.recording.checks import check_captions
from stages.core.recording.recording_files import CAPTIONS, read_description
from stages.core.recording.types import CAPTION_COLUMNS, captions_digest
from stages.core.run.files import require_file
from stages.core.run.seals import check_unchanged
from stages.core.run.tables import read_table


def read_captions(folder: Path, stimuli: pd.DataFrame) -> pd.DataFrame:
    """Read and check `captions.parquet`, which may have come alone with the stimuli.

    Raises
    ------
    InputError
        If the file is missing, is not the one that was written, or does not keep the contract.
    """
    captions = _read(folder)
    check_captions(captions, stimuli, str(folder / CAPTIONS))
    return captions


def read_captions_digest(folder: Path) -> str:
    """Read the digest of a recording's captions; empty where it has none.

    Raises
    ------
    InputError
        If `recording.json` or the captions are missing or were changed.
    """
    has = CAPTIONS in read_description(folder)["files"]
    return captions_digest(_read(folder)) if has else ""


def _read(folder: Path) -> pd.DataFrame:
    """Read the captions, those that the recording was written with where it lies beside."""
    path, do = folder / CAPTIONS, rerun("prepare", folder)
    if (folder / "recording.json").is_file():
        written = read_description(folder)["files"].get(CAPTIONS, "none")
        check_unchanged(require_file(path, do), written, do)
    return read_table(path, CAPTION_COLUMNS, do)


def with_all_captions(stimuli: pd.DataFrame, captions: pd.DataFrame) -> pd.DataFrame:
    """Make all captions of each stimulus its text, a line each."""
    lines = captions["text"].str.strip().groupby(captions["id"]).agg("\n".join)
    return stimuli.assign(text=lines.loc[stimuli["id"]].to_numpy())
