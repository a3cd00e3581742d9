"""From the families' files to the study's tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError
from stages.core.run.files import read_json, write_json
from stages.core.run.tables import write_table
from stages.trajectory.family_tables import (
    families_origin,
    members_of,
    performance_of,
    read_pieces,
    read_scores,
)
from stages.trajectory.onset_tables import Asked
from stages.trajectory.piece_curves import piece_curves
from stages.trajectory.published_performance import published_performance
from stages.trajectory.run_curves import alignment_curves, performance_curves
from stages.trajectory.stimulus_intervals import shares_by_place
from stages.trajectory.trajectory_tables import Truth, summarise, trajectory_tables


def run_study(
    family: Path,
    activations: Path,
    *,
    truth: Path | None,
    out: Path,
    summary: Path,
    asked: Asked,
    measures: Sequence[str],
    families: Sequence[str],
    controls: Mapping[str, str],
    published: Path,
    whose: Mapping[str, str],
) -> None:
    """Read the families of a study, make its tables, and write them.

    Parameters
    ----------
    family, activations : Path
        See `read_scores` and `performance_of`.
    truth : Path, optional
        See `read_truth`.
    out, summary : Path
    asked : Asked
    measures : sequence of str
        Metrics of alignment; the first that a family has is taken.
    families : sequence of str
        See `read_scores`.
    controls : mapping of str to str
        See `control_tables`.
    published, whose
        Folder of published scores, and whose are asked for: see `published_performance`.
    """
    scores = read_scores(family, activations, families)
    made_from = families_origin(family, activations, families)
    studied = sorted(scores["of"].unique())
    further = published_performance(members_of(activations, studied), whose, published)
    performance = pd.concat([performance_of(activations, studied), further], ignore_index=True)
    alignment = alignment_curves(scores, measures, asked.ends.plateau)
    curves = pd.concat([alignment, performance_curves(performance)], ignore_index=True)
    without = read_pieces(family, scores)
    pieces = shares_by_place(piece_curves(scores, without, measures, asked.ends.plateau))
    tables = trajectory_tables(curves, asked, read_truth(truth), controls, pieces)
    for name, table in tables.items():
        write_table(out / f"{name}.parquet", table, made_from)
    write_json(summary, summarise(tables))


def read_truth(path: Path | None) -> Truth:
    """Read what was planted in a family.

    Parameters
    ----------
    path : Path, optional
        `<family>/truth.json`. `halves` holds, for every seed, the octave at which each layer is
        half there; `regions`, where it is known, the regions from first to last.

    Returns
    -------
    dict
        By family, the order of `layer` and `region`; empty where no file is given.

    Raises
    ------
    InputError
        If it is of another form.
    """
    if path is None:
        return {}
    content = read_json(path, "It is made where the family is planted.")
    try:
        halves = pd.DataFrame(content["halves"]).astype(float)
        regions = [str(name) for name in content.get("regions", [])]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        expected = "halves: octaves by layer, for every seed"
        raise InputError("wrong truth", where=path, expected=expected, got=error) from error
    if halves.empty or not np.isfinite(halves.to_numpy()).all():
        raise InputError("wrong truth", where=path, expected="octaves", got=content["halves"])
    layers = [str(name) for name in halves.mean().sort_values(kind="stable").index]
    return {path.parent.name: {"layer": layers, "region": regions}}
