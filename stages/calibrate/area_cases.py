"""What is said of areas beside areas, within and between people who saw images in one order."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pandas as pd

from stages.calibrate.observed import Case, observed, of_results
from stages.calibrate.simulated_areas import (
    IMAGES,
    NOTHING,
    PLANTED,
    SITUATIONS,
    write_areas,
)
from stages.calibrate.simulated_folders import LAYERS
from stages.calibrate.simulated_repeats import REPEATS
from stages.calibrate.stage_runs import Changes, StageRun, Study, run_stages
from stages.core.results.area_alignment import APART, PEOPLE, PEOPLE_APART
from stages.core.results.calibrations import POWER, RECOVERY

LAYOUT = f"{IMAGES} images × {REPEATS}"
METRIC = "cka_linear"
BETWEEN = "between_subject"


def area_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate areas, and look at what is said of pairs of them, and of one in two people."""
    settings = study.settings
    align = {"metrics": [METRIC], "compared": [METRIC], "min_voxels": 1, "draws": settings.draws}
    first = {"metric": METRIC}
    models = {"models": {LAYERS: "noise:8-8"}, "zoo": [LAYERS]}
    for recording in range(settings.recordings):
        seed = settings.seed + 8500 + recording
        write = partial(write_areas, areas=settings.regions, seed=seed)
        how = {"align": align | {"seed": seed}, "survey": first, "trajectory": first}
        changes: Changes = {**how, **models}
        runs = [StageRun(stage, write, changes) for stage in ("areas", "scene ceilings")]
        pairs, ceilings = run_stages(runs, study)
        for situation in SITUATIONS:
            yield from of_pairs(pairs, situation, recording)
            if situation != PLANTED:
                yield _between(ceilings, situation, recording)


def of_pairs(table: pd.DataFrame, situation: str, recording: int) -> Iterator[pd.DataFrame]:
    """Judge pairs of areas of one situation, which are not one area twice, kind by kind."""
    first, second = table["region"], table["second_region"]
    kept = first.str.startswith(f"{situation}/") & second.str.startswith(f"{situation}/")
    names = {
        side: f"{recording}:" + table[who] + table[where]
        for side, who, where in (
            ("left", "subject", "region"),
            ("right", "second_subject", "second_region"),
        )
    }
    rows = table.assign(**names)[kept & first.ne(second)]
    for kind in (PEOPLE, PEOPLE_APART, APART):
        case = Case("areas", kind, situation, LAYOUT)
        asked = case if situation in NOTHING else replace(case, asks=POWER)
        yield of_results(rows[rows["kind"].eq(kind)], asked)


def _between(table: pd.DataFrame, situation: str, recording: int) -> pd.DataFrame:
    """Judge the ceiling that people are to each other, of areas that share no signal."""
    rows = table[table["ceiling_kind"].eq(BETWEEN) & table["region"].str.startswith(situation)]
    found = rows.groupby("region")["score"].mean()
    case = Case("align", BETWEEN, f"people apart, {situation}", LAYOUT)
    names = [f"{recording}:{region}" for region in found.index]
    return observed(found, replace(case, asks=RECOVERY, truth=0.0), names, names)
