"""The ceilings of a story: both tables, from a recording."""

import logging
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from stages.ceilings.curve_points import curve_points, value_points
from stages.ceilings.limit_rows import group_limit, limit_rows, person_limit
from stages.ceilings.measured_rows import Rows, ceiling_row, held_out_rows, split_half_row
from stages.ceilings.region_people import RegionPeople, regions_of_people
from stages.core.params.schema import CeilingsStory, Encode
from stages.core.recording.region_means import given_ceiling
from stages.core.recording.types import Recording, Subject
from stages.core.results.story_ceilings import CEILING_COLUMNS, GIVEN, LIMIT, POINT_COLUMNS
from stages.core.results.typed_tables import Columns, empty_table
from stages.core.run.parallel import parallel_map
from stages.core.stats.subject_subsets import subset_values

FEWEST = 3  # people from whom anything is extrapolated

log = logging.getLogger("concord.ceilings")


@dataclass(frozen=True)
class CeilingTables:
    """Ceilings, and the points and curves behind the extrapolated ones.

    Columns are those of `stages.core.results.story_ceilings`.
    """

    ceilings: pd.DataFrame
    points: pd.DataFrame


def story_ceilings(recording: Recording, encode: Encode, settings: CeilingsStory) -> CeilingTables:
    """Find every ceiling of every region.

    Ceilings are those of region means, as encode predicts them, of subjects' standardised series
    and their plain mean. They are as they were estimated, above 1 or below 0 too.

    Raises
    ------
    InputError
        If a region asked for is in no subject.
    """
    regions = regions_of_people(recording, encode, settings.block)
    found = parallel_map(partial(region_rows, settings=settings), regions, "ceilings")
    rows = [row for ceilings, _ in found for row in ceilings]
    rows += [row for subject in recording.subjects for row in given_rows(subject, encode.regions)]
    points = [row for _, behind in found for row in behind]
    if not rows:
        where = recording.dataset
        log.warning("no ceiling of %s: there are too few subjects, and none is given", where)
    return CeilingTables(
        _table(rows, CEILING_COLUMNS, recording.dataset),
        _table(points, POINT_COLUMNS, recording.dataset),
    )


def region_rows(people: RegionPeople, *, settings: CeilingsStory) -> tuple[Rows, Rows]:
    """Find the ceilings of one region, and the points behind them."""
    rows = split_half_row(people, settings) + held_out_rows(people)
    if len(people.names) < FEWEST:
        return rows, []
    values = subset_values(people.agreement.whole, settings.subsets, settings.seed)
    group = group_limit(people, values, settings)
    each = [person_limit(people, k, values, settings) for k in range(len(people.names))]
    rows += limit_rows(people, group, each)
    lost = [row["subject"] for row in rows if row["kind"] == LIMIT and pd.isna(row["ceiling"])]
    if lost:
        log.warning(
            "region %s: nothing to extrapolate from, others do not agree or no curve fits: %s",
            *(people.region, ", ".join(lost)),
        )
    return rows, value_points(people, values) + curve_points(people, group)


def given_rows(subject: Subject, regions: str | list[str]) -> Rows:
    """Pass on the ceilings that the recording gives."""
    rows = []
    for region in dict.fromkeys(subject.targets["region"]):
        ceiling = given_ceiling(subject.targets, region)
        if ceiling is not None and (isinstance(regions, str) or region in regions):
            row = ceiling_row(region, subject.name, GIVEN, 0)
            rows.append(row | {"subjects": np.nan, "ceiling": ceiling})
    return rows


def _table(rows: Rows, columns: Columns, dataset: str) -> pd.DataFrame:
    """Make a table of declared columns; what a row does not say is empty or missing."""
    blank = {"text": "", "number": np.nan}
    if not rows:
        return empty_table(columns)
    told = {name: [row.get(name, blank[kind]) for row in rows] for name, kind in columns.items()}
    return pd.DataFrame(told).assign(dataset=dataset)
