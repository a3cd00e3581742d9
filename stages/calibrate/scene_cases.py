"""What encode says of voxels that see images, where layers predict nothing or a known part."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from stages.calibrate.observed import Case, observed, of_results
from stages.calibrate.simulated_images import ALONE, GROUPED, SIZES, STIMULI, TIMED
from stages.calibrate.simulated_repeats import REPEATS
from stages.calibrate.simulated_scenes import (
    DRIFT,
    RELIABLE,
    SKEWED,
    WHITE,
    write_scenes,
)
from stages.calibrate.stage_runs import Changes, StageRun, Study, run_stages
from stages.core.results.calibrations import OURS, POWER, RECOVERY

FOLDS = {False: "five parts", True: "30 kept apart"}  # by whether images are kept apart
SINGLE = "single images in any order"
CHOSEN = "r of the layer chosen in inner folds"
PARTS = 5
SHARE = 2  # of the targets of a recording, one is a region of each kind
# Share of the variance of an average that is signal.
CLEAR = RELIABLE / (RELIABLE + (1 - RELIABLE) / REPEATS)


def scene_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate images by themselves, in groups and in time, kept apart or in parts."""
    settings = study.settings
    for place, situation in enumerate((ALONE, GROUPED, TIMED)):
        for apart, name in FOLDS.items():
            for recording in range(settings.recordings):
                seed = settings.seed + 9000 + 200 * place + 100 * apart + recording
                write = partial(
                    write_scenes,
                    situation=situation,
                    regions=settings.targets // SHARE,
                    seed=seed,
                    apart=apart,
                )
                changes = _changes(study, seed)
                stages = {OURS: "encode scene"}
                if situation == GROUPED:
                    stages[SINGLE] = "encode scene, none alike"
                runs = [StageRun(stage, write, changes) for stage in stages.values()]
                layout = f"{STIMULI} images, {name}"
                for method, table in zip(stages, run_stages(runs, study), strict=True):
                    marked = table.assign(
                        left=f"{recording}:" + table["layer"],
                        right=f"{recording}:" + table["region"],
                    )
                    yield from of_scene(marked, situation, layout, method)


def _changes(study: Study, seed: int) -> Changes:
    asked = {"min_voxels": 1, "draws": study.settings.draws, "seed": seed, "targets": "region"}
    return {"encode_scene": asked, "folds": {"blocks": PARTS}}


def of_scene(
    table: pd.DataFrame, situation: str, layout: str, method: str
) -> Iterator[pd.DataFrame]:
    """Judge encode: false positives, and where something is planted power, recovery and ceiling."""
    hidden = table[table["kind"].eq("hidden")]
    kind = table["region"].str.partition("/")[0]
    for nothing in (WHITE, SKEWED, DRIFT) if situation == ALONE else (WHITE,):
        named = f"{situation}, {nothing}" if situation == ALONE else situation
        case = Case("encode_scene", "r", named, layout, method)
        rows = table[kind.eq(nothing)]
        yield of_results(rows[rows["kind"].eq("hidden")], case)
        if method == OURS and nothing == WHITE and situation != TIMED:
            chosen = rows[rows["kind"].eq("nested")]
            yield observed(chosen["p"], replace(case, test=CHOSEN), right=chosen["right"])
    if situation == ALONE:
        yield from _planted(hidden, layout)


def _planted(hidden: pd.DataFrame, layout: str) -> Iterator[pd.DataFrame]:
    names = hidden["region"].str.split("/", expand=True)
    own = hidden[names[1].eq(hidden["layer"])]
    for size in SIZES:
        rows = own[own["region"].str.startswith(f"{size:g}/")]
        situation = f"{size:.0%} of signal planted"
        case = Case("encode_scene", "r", situation, layout, asks=POWER)
        yield of_results(rows, case)
        recovered = replace(case, asks=RECOVERY, truth=float(np.sqrt(size * CLEAR)))
        yield of_results(rows, recovered, "score")
    clear = replace(case, test="ncsnr of r, bias", asks=RECOVERY, truth=0.0)
    yield observed(rows["ceiling"] - np.sqrt(CLEAR), clear, right=rows["right"])
