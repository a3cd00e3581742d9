"""From the families' files to the study's tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from stages.core.run.files import write_json
from stages.core.run.tables import write_table
from stages.trajectory.curves.piece_curves import piece_curves
from stages.trajectory.curves.run_curves import alignment_curves, performance_curves
from stages.trajectory.family_tables import (
    families_origin,
    members_of,
    performance_of,
    read_pieces,
    read_scores,
)
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.planted.family_truth import read_truth
from stages.trajectory.published_performance import published_performance
from stages.trajectory.rises.stimulus_intervals import shares_by_place
from stages.trajectory.trajectory_tables import summarise, trajectory_tables


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
    planted = read_truth(truth)
    tables = trajectory_tables(curves, asked, planted, controls, pieces)
    for name, table in tables.items():
        write_table(out / f"{name}.parquet", table, made_from)
    write_json(summary, summarise(tables, planted))
