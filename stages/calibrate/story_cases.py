"""What encode, probe and decode say of simulated stories."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from stages.calibrate.observed import Case, observed, of_results
from stages.calibrate.simulated_stories import (
    write_drifting,
    write_late,
    write_regions,
    write_story,
)
from stages.calibrate.stage_runs import Changes, StageRun, Study, run_stages
from stages.calibrate.story_layouts import LAYOUTS
from stages.calibrate.story_responses import (
    DRIFT,
    DRIFT_ALONE,
    LATE,
    NULLS,
    ONSET,
    SIZES,
    SLOW,
    late,
    planted,
)
from stages.calibrate.word_features import BINARY, DEALT, GAUSSIAN, NO_FEATURES, NUISANCE, SMOOTH
from stages.core.params.schema import Calibrate
from stages.core.results.calibrations import OURS, POWER, RECOVERY

Array = NDArray[np.float64]
UNCENTRED = "words not centred"
ON_TIME = "nuisance variables on time alone"
INDEPENDENT = "samples taken as independent"
BEST = "layer of the best test score"
CHOSEN = "r of the layer chosen in inner folds"


def story_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate stories of both layouts, and look at what the stages say of them."""
    for layout in LAYOUTS:
        for recording in range(study.settings.recordings):
            yield from encode_and_probe(study, layout, recording)
            yield from _drifting(study, layout, recording)
            yield from late_cases(study, layout, recording)
            yield from _decode(study, layout, recording)


def _changes(settings: Calibrate, recording: int, *, centre: bool = True) -> Changes:
    """Say what differs from the study's parameters: targets by themselves, and fewer draws."""
    return {
        "story": {"centre": centre},
        "folds": {"scheme": "auto"},
        "chance": {"draws": settings.draws, "seed": recording},
        "encode": {"targets": "voxel", "regions": "all", "min_voxels": 1, "downsample": "glover"},
        "probe": {"shuffles": settings.draws, "downsample": "glover"},
        "decode": {"regions": "all", "min_voxels": 1, "downsample": "glover"},
    }


def encode_and_probe(study: Study, layout: str, recording: int) -> Iterator[pd.DataFrame]:
    """Run encode and probe on one recording, on the first one also with words not centred."""
    settings = study.settings
    seed = settings.seed + recording
    write = partial(write_story, layout_name=layout, targets=settings.targets, seed=seed)
    ours, plain = (_changes(settings, recording, centre=centre) for centre in (True, False))
    ways = (ours,) if recording else (ours, plain)
    runs = [StageRun(stage, write, way) for way in ways for stage in ("encode", "probe")]
    encoded, probed, *otherwise = (_named(table, recording) for table in run_stages(runs, study))
    yield from encode_cases(encoded, layout)
    yield from probe_cases(probed, layout)
    if otherwise:
        yield from encode_nulls(otherwise[0], (ONSET,), layout, UNCENTRED)
        yield from probe_nulls(otherwise[1], (GAUSSIAN, BINARY, DEALT), layout, UNCENTRED)


def _drifting(study: Study, layout: str, recording: int) -> Iterator[pd.DataFrame]:
    settings = study.settings
    seed = settings.seed + 500 + recording
    write = partial(write_drifting, layout_name=layout, targets=settings.targets, seed=seed)
    (encoded,) = run_stages([StageRun("encode", write, _changes(settings, recording))], study)
    table = _named(encoded, recording)
    rows = table[table["kind"].eq("hidden") & table["metric"].eq("r_partial")]
    case = Case("encode", "r_partial", DRIFT_ALONE, layout)
    yield of_results(rows, case)
    yield of_results(rows, replace(case, asks=RECOVERY, truth=0.0), "score")


def late_cases(study: Study, layout: str, recording: int) -> Iterator[pd.DataFrame]:
    """Encode what nuisance variables alone drive at another time, also as if they could not."""
    settings = study.settings
    seed = settings.seed + 700 + recording
    write = partial(write_late, layout_name=layout, targets=settings.targets, seed=seed)
    ours = _changes(settings, recording)
    plain = {**ours, "encode": {**ours["encode"], "nuisance_delays": [0]}}
    ways = {OURS: ours} if recording else {OURS: ours, ON_TIME: plain}
    runs = [StageRun("encode", write, way) for way in ways.values()]
    for method, encoded in zip(ways, run_stages(runs, study), strict=True):
        table = _named(encoded, recording)
        rows = table[table["kind"].eq("hidden") & table["metric"].eq("r_partial")]
        for situation in map(late, LATE):
            case = Case("encode", "r_partial", situation, layout, method)
            yield of_results(rows[rows["region"].eq(situation)], case)


def _decode(study: Study, layout: str, recording: int) -> Iterator[pd.DataFrame]:
    settings = study.settings
    seed = settings.seed + 1000 + recording
    write = partial(write_regions, layout_name=layout, regions=settings.regions, seed=seed)
    run = StageRun("decode", write, _changes(settings, recording))
    (decoded,) = run_stages([run], study)
    yield from decode_cases(_named(decoded, recording), layout)


def _named(table: pd.DataFrame, recording: int) -> pd.DataFrame:
    """Tell layers, targets and regions of one recording from those of another."""
    marks = {name: f"{recording}:" + table[name] for name in ("layer", "target", "region")}
    return table.assign(left=marks["layer"], right=marks["target"], place=marks["region"])


def encode_cases(table: pd.DataFrame, layout: str) -> Iterator[pd.DataFrame]:
    """Judge encode: false positives, those of other ways to the same end, power, recovery."""
    yield from encode_nulls(table, NULLS, layout)
    slow = table[table["region"].eq(SLOW) & table["metric"].eq("r")]
    r = slow[slow["kind"].eq("hidden")]
    case = Case("encode", "r", SLOW, layout, INDEPENDENT)
    p = independent_p(r["score"].to_numpy(float), r["n"].to_numpy(float))
    yield observed(p, case, r["left"], r["right"])
    best = r.sort_values("score").groupby("right").tail(1)
    yield of_results(best, replace(case, test=CHOSEN, method=BEST))
    nested = slow[slow["kind"].eq("nested")]
    yield observed(nested["p"], replace(case, test=CHOSEN, method=OURS), right=nested["right"])
    yield from _encode_planted(table[table["kind"].eq("hidden")], layout)


def encode_nulls(
    table: pd.DataFrame, situations: tuple[str, ...], layout: str, method: str = OURS
) -> Iterator[pd.DataFrame]:
    """Judge false positives of `r` and `r_partial`; of nuisance variables, only of the latter."""
    hidden = table[table["kind"].eq("hidden")]
    for situation in situations:
        for metric in ("r", "r_partial") if situation != DRIFT else ("r_partial",):
            rows = hidden[hidden["region"].eq(situation) & hidden["metric"].eq(metric)]
            yield of_results(rows, Case("encode", metric, situation, layout, method))


def _encode_planted(hidden: pd.DataFrame, layout: str) -> Iterator[pd.DataFrame]:
    """Judge power, and the mean of `r_partial` with and without nuisance variables beside."""
    layers = hidden["target"].str.extract(r":([^/]+)/", expand=False)
    own = hidden[layers.eq(hidden["layer"])]
    for size, beside in product(SIZES, (False, True)):
        rows = own[own["region"].eq(planted(size, beside=beside))]
        for metric in ("r", "r_partial") if not beside else ("r_partial",):
            one = rows[rows["metric"].eq(metric)]
            case = Case("encode", metric, planted(size, beside=beside), layout, asks=POWER)
            yield of_results(one, case)
            if metric == "r_partial":
                yield of_results(one, replace(case, asks=RECOVERY, truth=size), "score")
    nothing = hidden[hidden["region"].eq(DRIFT) & hidden["metric"].eq("r_partial")]
    case = Case("encode", "r_partial", DRIFT, layout, asks=RECOVERY, truth=0.0)
    yield of_results(nothing, case, "score")


def probe_cases(table: pd.DataFrame, layout: str) -> Iterator[pd.DataFrame]:
    """Judge probe: false positives of each of its three p, and power."""
    yield from probe_nulls(table, NO_FEATURES, layout)
    hidden = table[table["kind"].eq("hidden")]
    own = hidden[hidden["target"].str.extract(r"/(.+)\.", expand=False).eq(hidden["layer"])]
    for size, metric in product(SIZES, ("r", "r_partial", "r_words")):
        rows = own[own["metric"].eq(metric) & own["target"].str.startswith(f"{planted(size)}/")]
        yield of_results(rows, Case("probe", metric, planted(size), layout, asks=POWER))


def probe_nulls(
    table: pd.DataFrame, situations: tuple[str, ...], layout: str, method: str = OURS
) -> Iterator[pd.DataFrame]:
    """Judge false positives of `r`, `r_partial`, `r_words`, where there is nothing for each."""
    hidden = table[table["kind"].eq("hidden")]
    for situation in situations:
        asked = ("r_partial",) if situation == NUISANCE else ("r", "r_partial", "r_words")
        for metric in asked:
            mine = hidden["target"].str.startswith(f"{situation}/")
            rows = hidden[mine & hidden["metric"].eq(metric)]
            yield of_results(rows, Case("probe", metric, situation, layout, method))


def decode_cases(table: pd.DataFrame, layout: str) -> Iterator[pd.DataFrame]:
    """Judge decode: features of nothing from slow noise, and planted ones from theirs."""
    r = table[table["kind"].eq("frem") & table["metric"].eq("r")].assign(left=table["place"])
    noise = r[r["region"].str.startswith(f"{SLOW}/")]
    for kind in (GAUSSIAN, BINARY, SMOOTH):
        rows = noise[noise["target"].str.startswith(f"{kind}/")]
        yield of_results(rows, Case("decode", "r", f"{kind}, from {SLOW} voxels", layout))
    strongest = f"{planted(max(SIZES))}/"
    own = r[r["region"].str.startswith(strongest) & r["target"].str.startswith(strongest)]
    region = own["region"].str.rpartition("/")[2].astype(int)
    rows = own[own["target"].str.rpartition(".")[2].astype(int).eq(region)]
    yield of_results(rows, Case("decode", "r", "held by a region's voxels", layout, asks=POWER))


def independent_p(r: Array, n: Array) -> Array:
    """One-sided p of correlations, by Student's t, as if samples were independent."""
    p: Array = stdtr(n - 2, -r * np.sqrt((n - 2) / (1 - r**2)))
    return p
