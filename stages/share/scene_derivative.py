"""What the scene study found, as derivatives of BIDS."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import HEMISPHERES
from stages.core.pictures.surfaces import STANDARD, STANDARD_VERTICES, Surface
from stages.core.recording.types import Recording, Subject
from stages.core.run.files import write_json
from stages.share.bids_labels import joined
from stages.share.derivative_folder import NOBODY, Derivative
from stages.share.image_files import write_legend, write_map, write_mask, write_regions
from stages.share.painted_voxels import has_voxels, region_numbers, spread
from stages.share.surface_files import (
    LETTERS,
    on_vertices,
    write_mesh,
    write_metrics,
    write_parcellation,
    write_parcels,
)
from stages.share.tsv_tables import meanings
from stages.share.vertex_maps import write_vertex_regions, write_vertices

log = logging.getLogger("concord.share")
SCORE = "score"
VOLUMES = "; a volume per metric, named by the .tsv beside it"
OWN = "thinned"  # space of a person's own mesh: it has fewer vertices than that of FreeSurfer


@dataclass(frozen=True)
class Aligned:
    """Tables of the scene study.

    Attributes
    ----------
    layers : DataFrame
        Scores of all layers, on stimuli that did not choose one.
    best : DataFrame
        Scores of the layers chosen.
    ceilings : DataFrame
    """

    layers: pd.DataFrame
    best: pd.DataFrame
    ceilings: pd.DataFrame


def write_scene(
    made: Derivative, recording: Recording, found: Aligned, surfaces: Mapping[str, Surface]
) -> None:
    """Write every table and map of the scene study."""
    _write_tables(made, found)
    others = {str(n) for surface in surfaces.values() for n in surface.labels["region"]}
    numbers = region_numbers(recording.subjects, others)
    for subject in recording.subjects:
        if has_voxels(subject) and subject.name not in NOBODY:
            write_regions(made, subject, numbers)
            if not surfaces:
                _write_voxels(made, subject, _of(found.best, subject.name))
        elif not surfaces and write_vertex_regions(made, subject, numbers):
            _write_vertices(made, subject, _of(found.best, subject.name))
    if surfaces:
        made.describe("regions", "Regions of the recording")
    for name in made.people:
        for place in (STANDARD, name):
            if place in surfaces:
                _write_regions(made, name, surfaces[place], _space(place), numbers)
                _write_surface(made, name, found, surfaces[place], _space(place))


def _write_tables(made: Derivative, found: Aligned) -> None:
    for (who, model), rows in found.layers.groupby(["subject", "model"], sort=False):
        text = f"Alignment of every layer of model {model}, on stimuli that did not choose one"
        desc = made.describe(joined("align", str(model)), text)
        made.table(str(who), rows, "results", "statmap", desc)
    for (who, model), rows in found.best.groupby(["subject", "model"], sort=False):
        text = f"Alignment of model {model}, the layer chosen on other data"
        desc = made.describe(joined("align", str(model), "chosen"), text)
        made.table(str(who), rows, "results", "statmap", desc)
    for who, rows in found.ceilings.groupby("subject", sort=False):
        desc = made.describe("ceiling", "Ceilings: how well any model could align")
        made.table(str(who), rows, "results", "statmap", desc)


def _write_voxels(made: Derivative, subject: Subject, best: pd.DataFrame) -> None:
    """Write the scores of the layers chosen, a volume per metric, and where there are any."""
    for model, rows in best.groupby("model", sort=False):
        desc = joined("align", str(model), "chosen")
        maps = {
            str(metric): spread(subject, some.assign(target=""), "score")
            for metric, some in rows.groupby("metric", sort=False)
        }
        values = np.column_stack(list(maps.values()))
        legend = pd.DataFrame({"volume": range(len(maps)), "metric": list(maps)})
        inside = np.asarray(np.isfinite(values).any(axis=1))
        write_mask(made, subject, inside, desc, "Where alignment was scored")
        about = {
            "Description": f"{made.described[desc]}{VOLUMES}",
            "Split": sorted(set(rows["split"])),
            "Mask": made.image(subject.name, "mask", ".nii.gz", desc=desc).name,
        } | meanings(legend, "legend")
        write_map(made, subject, values, stat=SCORE, desc=desc, about=about)
        write_legend(made, subject, legend, stat=SCORE, desc=desc)


def _write_vertices(made: Derivative, subject: Subject, best: pd.DataFrame) -> None:
    """Write the scores of the layers chosen at the vertices that were measured."""
    for model, rows in best.groupby("model", sort=False):
        maps = {
            str(metric): spread(subject, some.assign(target=""), "score")
            for metric, some in rows.groupby("metric", sort=False)
        }
        desc = joined("align", str(model), "chosen")
        write_vertices(made, subject, maps, desc, made.described[desc])


def _write_surface(
    made: Derivative, name: str, found: Aligned, surface: Surface, space: str
) -> None:
    """Write the maps of a person on one mesh."""
    sizes, regions = _sizes(surface), sorted(set(surface.labels["region"]))
    for model, rows in _of(found.best, name).groupby("model", sort=False):
        desc = joined("align", str(model), "chosen")
        _write_chosen(made, name, rows, (surface.labels, sizes), space=space, desc=desc)
    for model, rows in _of(found.layers, name).groupby("model", sort=False):
        desc = joined("align", str(model))
        scores = parcel_scores(rows, regions, f"{name}, {model}")
        if len(scores):
            path = made.place(name, "statmap", ".pscalar.nii", space=space, desc=desc)
            write_parcels(path, surface.labels, sizes, scores)


def _write_regions(
    made: Derivative, name: str, surface: Surface, space: str, numbers: Mapping[str, int]
) -> None:
    """Write what the mesh is, if it is a person's own, and its regions."""
    for side, size in _sizes(surface).items():
        where = {"hemi": LETTERS[side], "space": space}
        if surface.meshes:
            path = made.place(name, "inflated", ".surf.gii", room="anat", **where)
            write_mesh(path, side, surface.meshes[side])
        path = made.place(name, "dseg", ".label.gii", desc="regions", **where)
        write_parcellation(path, side, surface.labels, size, numbers)


def _sizes(surface: Surface) -> dict[str, int]:
    """Count the vertices of each hemisphere."""
    own = surface.meshes
    return {side: len(own[side].coordinates) if own else STANDARD_VERTICES for side in HEMISPHERES}


def _space(place: str) -> str:
    return place if place == STANDARD else OWN


def _of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["subject"] == name]


def _write_chosen(
    made: Derivative,
    name: str,
    rows: pd.DataFrame,
    mesh: tuple[pd.DataFrame, Mapping[str, int]],
    **where: str,
) -> None:
    """Write the scores of the layers chosen, a map per metric, on both hemispheres."""
    labels, sizes = mesh
    for side in HEMISPHERES:
        arrays = {
            str(metric): on_vertices(
                labels, side, sizes[side], dict(zip(some["region"], some["score"], strict=True))
            )
            for metric, some in rows.groupby("metric", sort=False)
        }
        path = made.place(name, "statmap", ".func.gii", hemi=LETTERS[side], **where)
        write_metrics(path, side, arrays)
    about = {
        "Description": made.described[where["desc"]],
        "SpatialReference": _reference(where["space"]),
    }
    write_json(made.place(name, "statmap", ".json", **where), about)


def parcel_scores(rows: pd.DataFrame, regions: list[str], where: str) -> pd.DataFrame:
    """Turn scores to maps over regions: a row per metric, split and layer.

    Regions without a vertex are left out, and so are, by name, maps that lack a region.
    """
    named = rows.assign(map=rows["metric"] + ", " + rows["split"] + ", " + rows["layer"])
    placed = named[named["region"].isin(regions)]
    wide = placed.set_index(["map", "region"])["score"].unstack()  # noqa: PD010 two of one are an error
    wide = wide.reindex(list(dict.fromkeys(placed["map"])))
    lacking = wide.index[wide.isna().any(axis=1)]
    if len(lacking):
        log.warning("%s: maps without every region left out: %s", where, ", ".join(lacking))
    return wide.drop(index=lacking)


def _reference(space: str) -> str:
    return space if space == STANDARD else "The person's own surface, of fewer vertices"
