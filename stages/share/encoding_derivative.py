"""Which voxels models predict that were shown images, as derivatives of BIDS."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.recording.types import Recording, Subject
from stages.core.results.results import read_results
from stages.core.run.origins import Origin, together
from stages.share.bids_labels import joined
from stages.share.derivative_folder import Derivative
from stages.share.encoded_maps import write_encoded_vertices, write_encoding
from stages.share.image_files import write_map, write_mask, write_regions
from stages.share.painted_voxels import has_voxels, region_numbers, spread
from stages.share.vertex_maps import write_vertex_regions, write_vertices

CEILING = "ceiling"
BOUND = "Ceiling: the highest r that a model can expect, by the voxel's repeats"


def read_encodings(
    folder: Path, models: Iterable[str], made_from: Origin
) -> Iterator[pd.DataFrame]:
    """Yield what every model predicts, one at a time; nothing of one that could not be run.

    Parameters
    ----------
    folder : Path
        One table per model.
    models : iterable of str
        Short names.
    made_from : mapping of str to str
        The recording, as `of_recording` names it.

    Raises
    ------
    InputError
        If a table is missing or damaged, or of another recording.
    """
    for model in models:
        path = folder / f"{model}.parquet"
        do = f"Run `dvc repro metrics/dvc.yaml:encode_scene@{model}`."
        table = read_results(path, "encode", do)
        together(made_from, path, do=do)
        if len(table):
            yield table


def write_encoded_images(
    made: Derivative, recording: Recording, tables: Iterable[pd.DataFrame]
) -> None:
    """Write maps of every layer and of the one chosen, and tables, model by model.

    The ceilings of voxels are those of their repeats, whatever the model, and written once.

    Parameters
    ----------
    made : Derivative
    recording : Recording
    tables : iterable of DataFrame
        Results of one model each.
    """
    numbers = region_numbers(recording.subjects)
    mapped: list[Subject] = []
    for subject in recording.subjects:
        if has_voxels(subject):
            write_regions(made, subject, numbers)
            mapped.append(subject)
        elif write_vertex_regions(made, subject, numbers):
            mapped.append(subject)
    bounded: set[str] = set()
    for table in tables:
        _write_tables(made, table)
        for subject in mapped:
            rows = table[table["subject"] == subject.name]
            write = write_encoding if has_voxels(subject) else write_encoded_vertices
            write(made, subject, rows)
            if len(rows) and subject.name not in bounded:
                _write_ceiling(made, subject, rows)
                bounded.add(subject.name)


def _write_tables(made: Derivative, table: pd.DataFrame) -> None:
    """Write all scores of regions; of voxels, whose layers have maps, those of the layer chosen."""
    for (who, model), rows in table.groupby(["subject", "model"], sort=False):
        text = f"Encoding: responses to images predicted from the layers of model {model}"
        desc = made.describe(joined("encode", str(model)), text)
        kept = (rows["target"] == "") | (rows["kind"] == "nested")
        made.table(str(who), rows[kept], "results", "statmap", desc)


def _write_ceiling(made: Derivative, subject: Subject, rows: pd.DataFrame) -> None:
    """Write the ceilings of a person, where there are any."""
    values = spread(subject, rows[rows["kind"] == "nested"], CEILING)
    there = np.isfinite(values)
    if not there.any():
        return
    desc = made.describe(CEILING, BOUND)
    if not has_voxels(subject):
        write_vertices(made, subject, {CEILING: values}, desc, BOUND)
        return
    write_mask(made, subject, there, desc, "Where there is such a ceiling")
    about = {
        "Description": BOUND,
        "Statistic": CEILING,
        "Mask": made.image(subject.name, "mask", ".nii.gz", desc=desc).name,
    }
    write_map(made, subject, values, stat=CEILING, desc=desc, about=about)
