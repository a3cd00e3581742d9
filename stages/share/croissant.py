"""The tables of results as one data set that describes itself in Croissant's words.

Croissant 1.0 (MLCommons, 2024) is JSON-LD: files with their digests, and record sets, whose fields
say which column of which file they are and what it means.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stages.core.run.errors import InputError
from stages.core.run.files import atomic, lies_there, sha256, write_json
from stages.core.run.sealed_parquet import read_origin
from stages.share.column_meanings import column_meaning
from stages.share.croissant_context import CONFORMS_TO, CONTEXT
from stages.share.derivative_folder import PROJECT, THEIRS

log = logging.getLogger("concord.share")
# By name, where a table lies in the results and what it is.
TABLES: Mapping[str, tuple[str, str]] = {
    "encode": ("encode.parquet", "Responses to a story predicted from layers of language models."),
    "probe": ("probe.parquet", "Linguistic features read from layers of language models."),
    "decode": ("decode.parquet", "Linguistic features read from brain regions."),
    "profile": ("profile.parquet", "Features in regions beside the same features in layers."),
    "ceilings_story": ("ceilings_story.parquet", "How well any model could predict each region."),
    "ceilings_story_points": ("ceilings_story_points.parquet", "Points behind these ceilings."),
    "story_models": ("models.parquet", "The models of the story study."),
    "story_pairs": ("pairs.parquet", "Models compared two by two, story study."),
    "story_intervals": ("intervals.parquet", "Intervals of the models' scores, story study."),
    "align_ceilings": ("ceilings.parquet", "How well any model could align with each region."),
    "scene_models": ("survey/models.parquet", "The models of the scene study."),
    "regions": ("survey/regions.parquet", "Where the regions are, how large and how reliable."),
    "scores": ("survey/scores.parquet", "Alignment of every layer with every region."),
    "best": ("survey/best.parquet", "Alignment of the layers chosen on other data."),
    "means": ("survey/means.parquet", "The same, means over people."),
    "depth": ("survey/depth.parquet", "Alignment by depth in the model."),
    "centres": ("survey/centres.parquet", "Mean depth of the layers, weighted by alignment."),
    "gradient": ("survey/gradient.parquet", "Depth beside place in the brain."),
    "networks": ("survey/networks.parquet", "Alignment by network of the brain."),
    "bandwidth": ("survey/bandwidth.parquet", "Alignment by bandwidth of the kernel."),
    "consistency": ("survey/consistency.parquet", "Agreement of people's scores over regions."),
    "agreement": ("survey/agreement.parquet", "Agreement of metrics over models."),
    "contrast": ("survey/contrast.parquet", "Best language model beside best vision model."),
    "control": ("survey/control.parquet", "Alignment beside that of noise as wide."),
    "umap": ("survey/umap.parquet", "A map of the models by their alignment."),
    "scene_pairs": ("survey/pairs.parquet", "Models compared two by two, scene study."),
    "scene_intervals": ("survey/intervals.parquet", "Intervals of the scores, scene study."),
    "relate": ("relate.parquet", "Alignment beside performance and size, over models."),
}
LANGUAGE_TABLES: Mapping[str, tuple[str, str]] = {
    "language_scores": (
        "scores.parquet",
        "All recordings, regions and models of the language study.",
    ),
    "language_layers": ("layers.parquet", "Scores of every layer, language study."),
    "language_words": (
        "words.parquet",
        "The models, and how well they predict each recording's words.",
    ),
    "language_pairs": ("pairs.parquet", "Models compared two by two, language study."),
    "language_networks": ("networks.parquet", "The language network beside control networks."),
    "language_preferences": ("preferences.parquet", "How often inner folds choose each layer."),
    "relate_language": (
        "relations.parquet",
        "Scores beside what else is known of the models, over models.",
    ),
}
# Their columns mean what those of results do, but for what the dictionary says of them.
FILE = "croissant.json"
# Columns that name the recording of a row.
RECORDED = ("dataset", "recording")


def write_tables(
    results: Path,
    folder: Path,
    published: str,
    terms: str,
    tables: Mapping[str, tuple[str, str]] = TABLES,
) -> None:
    """Copy the tables that are there, and describe them in `croissant.json`.

    Parameters
    ----------
    results : Path
        Folder of the results.
    folder : Path
        To write.
    published : str
        Day of publication.
    terms : str
        Address of the licence; empty for none of its own.
    tables : mapping of str to (str, str)
        Where each table lies, and what it is: `TABLES` or `LANGUAGE_TABLES`.

    Raises
    ------
    InputError
        If there is no table, or one is damaged.
    ConcordError
        If a column has no meaning.
    """
    there: dict[str, str] = {}
    for name, (path, text) in tables.items():
        if lies_there(results / path):
            with atomic(folder / f"{name}.parquet") as partial:
                read_origin(results / path, "Run `dvc repro`.")
                shutil.copyfile(results / path, partial)
            there[name] = text
        else:
            log.warning("%s is not there, and left out", results / path)
    if not there:
        raise InputError("no table", where=results, do="Run `dvc repro`.")
    write_json(folder / FILE, describe_tables(folder, there, published, terms))


def describe_tables(
    folder: Path, tables: Mapping[str, str], published: str, terms: str
) -> dict[str, Any]:
    """Describe tables `NAME.parquet` of a folder, of which is said what they are."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": "concord_results",
        "description": "Agreement of artificial networks with brains: held-out scores, their null "
        f"and their ceiling, as Concord found them. {_recordings(folder, list(tables))}",
        "version": version(PROJECT),
        "creator": {"@type": "sc:Organization", "name": "Concord"},
        "datePublished": published,
        "license": terms or THEIRS,
        "distribution": [_file(folder, name, text) for name, text in tables.items()],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": name,
                "name": name,
                "description": text,
                "field": list(_fields(folder, name)),
            }
            for name, text in tables.items()
        ],
    }


def _recordings(folder: Path, names: Sequence[str]) -> str:
    """Name the recordings that the tables are of."""
    paths = [folder / f"{name}.parquet" for name in names]
    columns = [
        pq.read_table(path, columns=[name]).column(name)
        for path in paths
        for name in RECORDED
        if name in _schema(path).names
    ]
    found = sorted({str(name) for column in columns for name in column.unique().tolist()})
    return f"Recordings: {', '.join(found) or 'none'}."


def _schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except pa.ArrowInvalid as error:
        raise InputError("unreadable parquet", where=path, got=error) from error


def _file(folder: Path, name: str, text: str) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "description": text,
        "contentUrl": path.name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": sha256(path),
    }


def _fields(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    path = folder / f"{name}.parquet"
    for column in _schema(path):
        yield {
            "@type": "cr:Field",
            "@id": f"{name}/{column.name}",
            "name": column.name,
            "description": column_meaning(name, column.name),
            "dataType": _type(column.type),
            "source": {"fileObject": {"@id": path.name}, "extract": {"column": column.name}},
        }


def _type(given: pa.DataType) -> str:
    if pa.types.is_boolean(given):
        return "sc:Boolean"
    if pa.types.is_integer(given):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(given) else "sc:Text"
