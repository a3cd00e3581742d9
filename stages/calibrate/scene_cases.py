"""What encode says of voxels that see images, where layers predict nothing or a known part."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from stages.calibrate.observed import Case, observed, of_results
from stages.calibrate.simulated_images import ALONE, GROUP, GROUPED, SIZES, STIMULI, TIMED
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

SITUATIONS = (ALONE, GROUPED, TIMED)
FOLDS = {False: "five parts", True: "30 kept apart"}  # by whether images are kept apart
SINGLE = "single images in any order"
BLOCKS = "blocks of four"
KNOWN, NONE_ALIKE = "encode scene", "encode scene, none alike"
# Least shift of images in time, by whether images are kept apart: these are two of eight.
LEAST = {False: 8, True: 2}
CHOSEN = "r of the layer chosen in inner folds"
PARTS = 5
SHARE = 2  # of the targets of a recording, one is a region of each kind
# Share of the variance of an average that is signal.
CLEAR = RELIABLE / (RELIABLE + (1 - RELIABLE) / REPEATS)


def scene_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate images by themselves, in groups and in time, kept apart or in parts."""
    numbers = range(study.settings.recordings)
    for situation, apart, recording in product(SITUATIONS, FOLDS, numbers):
        yield from one_recording(study, situation, recording, apart=apart)


def one_recording(
    study: Study, situation: str, recording: int, *, apart: bool
) -> Iterator[pd.DataFrame]:
    """Encode one recording; images in groups or in time also as if each were by itself."""
    settings = study.settings
    place = 200 * SITUATIONS.index(situation) + 100 * apart + recording
    seed, regions = settings.seed + 9000 + place, settings.targets // SHARE
    write = partial(write_scenes, situation=situation, regions=regions, seed=seed, apart=apart)
    asked = {"min_voxels": 1, "draws": settings.draws, "seed": seed, "targets": "region"}
    ways = _ways(situation, apart=apart)
    runs = []
    for stage, *how in ways.values():
        permuted = dict(zip(("permute", "block"), how, strict=True))
        changes: Changes = {"encode_scene": asked | permuted, "folds": {"blocks": PARTS}}
        runs.append(StageRun(stage, write, changes))
    for method, table in zip(ways, run_stages(runs, study), strict=True):
        marks = {
            side: f"{recording}:" + table[name]
            for side, name in (("left", "layer"), ("right", "region"))
        }
        layout = f"{STIMULI} images, {FOLDS[apart]}"
        yield from of_scene(table.assign(**marks), situation, layout, method)


def _ways(situation: str, *, apart: bool) -> dict[str, tuple[str, str, int]]:
    """Say by method which images are known to be alike, what trades places, and in which blocks."""
    single = {SINGLE: (NONE_ALIKE, "rows", 1)}
    if situation == TIMED:
        return {OURS: (KNOWN, "shifts", LEAST[apart])} | single
    ours = {OURS: (KNOWN, "rows", 1)}
    if situation == GROUPED:
        return ours | {BLOCKS: (NONE_ALIKE, "blocks", GROUP)} | single
    return ours


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
        if method == OURS and nothing == WHITE:
            chosen = rows[rows["kind"].eq("nested")]
            yield observed(chosen["p"], replace(case, test=CHOSEN), *2 * (chosen["right"],))
    if situation == ALONE:
        yield from _planted(hidden, layout)
    if situation == TIMED and method == OURS:
        yield from _found_in_time(hidden, layout)


def _found_in_time(hidden: pd.DataFrame, layout: str) -> Iterator[pd.DataFrame]:
    names = hidden["region"].str.split("/", expand=True)
    for size in SIZES:
        own = hidden[names[0].eq(f"{size:g}") & names[1].eq(hidden["layer"])]
        situation = f"{TIMED}, {size:.0%} of signal planted"
        yield of_results(own, Case("encode_scene", "r", situation, layout, asks=POWER))


def _planted(hidden: pd.DataFrame, layout: str) -> Iterator[pd.DataFrame]:
    names = hidden["region"].str.split("/", expand=True)
    own = hidden[names[1].eq(hidden["layer"])]
    for size in SIZES:
        rows = own[own["region"].str.startswith(f"{size:g}/")]
        situation = f"{size:.0%} of signal planted"
        case = Case("encode_scene", "r", situation, layout, asks=POWER)
        yield of_results(rows, case)
        recovered = replace(case, asks=RECOVERY, truth=round(np.sqrt(size * CLEAR), 3))
        yield of_results(rows, recovered, "score")
    clear = replace(case, test="ncsnr of r, bias", asks=RECOVERY, truth=0.0)
    yield observed(rows["ceiling"] - np.sqrt(CLEAR), clear, *2 * (rows["right"],))
