"""Which image each volume of a file of betas answers to."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.params.bids_section import Bids
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there
from stages.core.run.tables import check_unique
from stages.prepare.bids.bids_tables import (
    MISSING,
    need_column,
    numbers_if_there,
    read_bids_table,
    rows_chosen,
)
from stages.prepare.bids.dataset_files import Dataset
from stages.prepare.bids.described import nearest
from stages.prepare.bids.find_runs import Run
from stages.prepare.optional_names import has_name
from stages.prepare.series.run_series import series_length

CAPTIONS, DESCRIBED = "captions.tsv", "stimuli.tsv"
SET_ROWS = "Set bids.rows to what images have."


def volume_tables(runs: Sequence[Run], data: Dataset, settings: Bids) -> list[Path]:
    """Find the table of every file of betas: one of its own name, or else the events of its run.

    Raises
    ------
    InputError
        If there is neither, or several.
    """
    tables = [file for file in data.derived if file.extension == ".tsv"]
    found = []
    for run in runs:
        own = nearest(run.name, tables, settings.betas)
        path = run.events if own is None else own.path
        if path is None:
            raise InputError(
                f"no table of the volumes of {run.label}",
                where=data.derivative,
                expected=f"a _{settings.betas}.tsv with a row for each, or an _events.tsv",
            )
        found.append(path)
    return found


def shown_images(run: Run, path: Path, settings: Bids) -> NDArray[np.object_]:
    """Read the image of every volume, empty where bids.rows says that none was shown.

    Parameters
    ----------
    run : Run
        Whose series has a volume per trial.
    path : Path
        A row per volume; or events, of which those chosen by bids.rows have one.
    settings : Bids

    Returns
    -------
    ndarray of str, shape (n_volumes,)

    Raises
    ------
    InputError
        If rows and volumes are not as many, a row chosen names no image, or events are in no order.
    """
    table, n_volumes = read_bids_table(path), series_length(run.image)
    if path == run.events:
        _check_order(table, path)
    chosen = rows_chosen(table, settings.rows, path)
    names = need_column(table, settings.stimulus, path, "Set bids.stimulus.").str.strip()
    if len(table) != n_volumes:
        names, chosen = names[chosen], chosen[chosen]
    if len(names) != n_volumes:
        rows = "" if len(names) == len(table) else f", {len(names)} of them chosen by bids.rows"
        raise InputError(
            "rows that are not the volumes",
            where=path,
            expected=f"{n_volumes} rows, as volumes in {run.images[0]}",
            got=f"{len(table)} rows{rows}",
            do=SET_ROWS,
        )
    empty = chosen & names.isin((MISSING, ""))
    if empty.any():
        where = f"{path}, line {empty.idxmax()}, {settings.stimulus}"
        raise InputError("no image", where=where, got=repr(names[empty].iloc[0]), do=SET_ROWS)
    return names.where(chosen, "").to_numpy(dtype=object)


def _check_order(table: pd.DataFrame, path: Path) -> None:
    """Raise `InputError` naming the first event that began before the one above it."""
    onsets = numbers_if_there(table, "onset", path)
    back = np.flatnonzero(np.diff(onsets) < 0)
    if len(back):
        at = int(back[0]) + 1
        raise InputError(
            "events in no order of time",
            where=f"{path}, line {table.index[at]}, onset",
            expected=f"at least {onsets[at - 1]:g}",
            got=f"{onsets[at]:g}",
            do="Sort the rows by onset, as BIDS asks: volumes follow them.",
        )


def _captions(path: Path, name: str, text: str) -> pd.DataFrame | None:
    """Read a table of texts: columns id and text, by line; None if it is not there."""
    if not lies_there(path):
        return None
    table = read_bids_table(path)
    columns = {"id": name, "text": text}
    return pd.DataFrame(
        {key: need_column(table, own, path, "").str.strip() for key, own in columns.items()}
    )


def _described(path: Path, images: Sequence[str]) -> pd.DataFrame | None:
    """Read the descriptions of images that the draft's table has, by the names of their files."""
    told = lies_there(path) and has_name(read_bids_table(path).columns, "description", path)
    table = _captions(path, "stimulus_id", "description") if told else None
    if table is None:
        return None
    check_unique(table["id"], path)
    stems = [Path(name).name.partition(".")[0].partition("_")[0] for name in images]
    names = pd.DataFrame({"name": list(images), "id": stems})
    found = table.reset_index(names="line").merge(names, on="id").set_index("line")
    return found.assign(id=found["name"])[["id", "text"]]


def image_captions(stimuli: Path, images: Sequence[str], column: str) -> pd.DataFrame | None:
    """Read what is written of the images, if `stimuli/captions.tsv` or `stimuli.tsv` is there.

    The latter is a draft of BIDS: `description` of each `stimulus_id`, with which names of files
    begin.

    Parameters
    ----------
    stimuli : Path
        The folder of the images.
    images : sequence of str
        Those that are studied; others may have captions too.
    column : str
        Of captions.tsv, that names the image; `caption` has the text.

    Returns
    -------
    DataFrame or None
        Columns id, number (from 0) and text, in the order of the images.

    Raises
    ------
    InputError
        If an image has no caption, or one is empty.
    """
    path = stimuli / CAPTIONS
    found = _captions(path, column, "caption")
    if found is None:
        path = stimuli / DESCRIBED
        found = _described(path, images)
    if found is None:
        return None
    empty = found["text"].isin((MISSING, ""))
    if empty.any():
        raise InputError("empty caption", where=f"{path}, line {empty.idxmax()}")
    lacking = [name for name in images if name not in set(found["id"])]
    if lacking:
        raise InputError("image without a caption", where=path, expected=repr(lacking[0]))
    found["number"] = found.groupby("id").cumcount()
    places = {name: place for place, name in enumerate(images)}
    found = found[found["id"].isin(places)]
    found = found.sort_values("id", key=lambda ids: ids.map(places), kind="stable")
    return found[["id", "number", "text"]].reset_index(drop=True)
