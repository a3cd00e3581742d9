"""What the story study found, as derivatives of BIDS."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.recording.types import Recording, Subject
from stages.core.results.story_ceilings import GIVEN, LIMIT, OTHERS, SPLIT_HALF
from stages.share.bids_labels import joined
from stages.share.decode_maps import write_decoding
from stages.share.derivative_folder import MODELS, NOBODY, Derivative
from stages.share.encoded_maps import write_encoded_vertices, write_encoding
from stages.share.image_files import write_map, write_mask, write_regions
from stages.share.painted_voxels import has_voxels, region_numbers, spread
from stages.share.vertex_maps import write_vertex_regions, write_vertices

CEILINGS = {
    SPLIT_HALF: "SplitHalf",
    OTHERS: "Others",
    LIMIT: "Limit",
    GIVEN: "Given",
}


@dataclass(frozen=True)
class Found:
    """Tables of the story study; any may be without rows.

    Attributes
    ----------
    encode, probe, decode : DataFrame
        Columns of the results.
    ceilings : DataFrame
        Columns of the ceilings of a story.
    maps : Path
        Folder of the maps of decode.
    """

    encode: pd.DataFrame
    probe: pd.DataFrame
    decode: pd.DataFrame
    ceilings: pd.DataFrame
    maps: Path


def write_story(made: Derivative, recording: Recording, found: Found) -> None:
    """Write every table and map of the story study."""
    for who, model, rows in _by(found.encode, "subject", "model"):
        text = f"Encoding: responses predicted from every layer of model {model}, all scores"
        desc = made.describe(joined("encode", model), text)
        made.table(who, rows, "results", "statmap", desc)
    for who, _, rows in _by(found.decode, "subject", "dataset"):
        text = "Decoding: linguistic features read from the voxels of every region, all scores"
        made.table(who, rows, "results", "statmap", made.describe("decode", text))
    for _, model, rows in _by(found.probe, "dataset", "model"):
        text = f"Probing: linguistic features read from every layer of model {model}, all scores"
        desc = made.describe(joined("probe", model), text)
        made.table(MODELS, rows, "results", "scores", desc)
    for who, _, rows in _by(found.ceilings, "subject", "dataset"):
        text = "Ceilings: how well any model could predict, with 95 % intervals"
        desc = made.describe("ceiling", text)
        made.table(who, rows, "ceilings_story", "statmap", desc)
    numbers = region_numbers(recording.subjects)
    for subject in recording.subjects:
        if has_voxels(subject) and subject.name not in NOBODY:
            write_regions(made, subject, numbers)
            write_encoding(made, subject, _of(found.encode, subject))
            _write_ceilings(made, subject, _of(found.ceilings, subject))
            write_decoding(made, subject, _of(found.decode, subject), found.maps)
        elif write_vertex_regions(made, subject, numbers):
            write_encoded_vertices(made, subject, _of(found.encode, subject))
            _write_vertex_ceilings(made, subject, _of(found.ceilings, subject))


def _by(table: pd.DataFrame, *columns: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Cut a table by subject and another column; baselines that nobody has are of the group."""
    owners = [
        table[name].replace("", GROUP) if name == "subject" else table[name] for name in columns
    ]
    for (who, other), rows in table.groupby(owners, sort=False):
        yield str(who), str(other), rows


def _of(table: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    return table[table["subject"] == subject.name]


def _write_vertex_ceilings(made: Derivative, subject: Subject, table: pd.DataFrame) -> None:
    maps = {
        str(kind): spread(subject, rows.assign(target=""), "ceiling")
        for kind, rows in table[table["ceiling"].notna()].groupby("kind", sort=False)
    }
    write_vertices(made, subject, maps, "ceiling", made.described.get("ceiling", "Ceilings"))


def _write_ceilings(made: Derivative, subject: Subject, table: pd.DataFrame) -> None:
    """Write the ceilings of every kind, where there are any."""
    for kind, rows in table[table["ceiling"].notna()].groupby("kind", sort=False):
        text = f"Ceiling: {kind}"
        desc = made.describe(joined("ceiling", CEILINGS.get(str(kind), str(kind))), text)
        values = spread(subject, rows.assign(target=""), "ceiling")
        write_mask(made, subject, np.isfinite(values), desc, "Where there is such a ceiling")
        about = {
            "Description": text,
            "Statistic": "ceiling",
            "Mask": made.image(subject.name, "mask", ".nii.gz", desc=desc).name,
        }
        write_map(made, subject, values, stat="ceiling", desc=desc, about=about)
