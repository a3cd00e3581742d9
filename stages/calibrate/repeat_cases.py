"""What align says of how well regions that were measured three times can be aligned with at all."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from stages.calibrate.observed import Case, observed
from stages.calibrate.simulated_repeats import (
    METRICS,
    NOTHING,
    REPEATS,
    SITUATIONS,
    STIMULI,
    Array,
    agreements,
    draw_repeats,
    true_ceilings,
    write_repeats,
)
from stages.calibrate.stage_runs import Changes, StageRun, Study, run_stages
from stages.core.results.calibrations import OURS, POWER, RECOVERY
from stages.core.stats.reliability import bound_of_the_mean

KIND, ANALYTIC = "split_half", "ncsnr"
ONE_TERM = "formula of Spearman and Brown"
LAYOUT = f"{STIMULI} images × {REPEATS}"


def repeat_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate regions whose ceilings are known, and see when they are given and how far off."""
    settings, metrics = study.settings, list(METRICS)
    first = {"metric": metrics[0]}
    align = {"metrics": metrics, "compared": metrics[:1], "min_voxels": 1}
    changes: Changes = {"align": align, "survey": first, "trajectory": first}
    for recording in range(settings.recordings):
        seed = settings.seed + 7000 + recording
        write = partial(write_repeats, regions=settings.targets, seed=seed)
        (table,) = run_stages([StageRun("scene ceilings", write, changes)], study)
        for situation in SITUATIONS:
            signal, single = draw_repeats(situation, settings.targets, seed)
            true = {} if situation == NOTHING else true_ceilings(situation, signal, seed)
            yield from of_situation(table, situation, single, true)


def of_situation(
    table: pd.DataFrame, situation: str, single: Array, true: dict[str, Array]
) -> Iterator[pd.DataFrame]:
    """Judge ceilings: in how many regions there is one, and by how much it is too high.

    Parameters
    ----------
    table : DataFrame
        Of the ceilings of scenes.
    situation : str
    single : ndarray, shape (n_regions, REPEATS, n_stimuli, n_voxels)
    true : dict of ndarray, shape (n_regions,)
        By metric; empty where there is nothing to align with.
    """
    names = [f"{situation}/{at:03}" for at in range(len(single))]
    for metric in METRICS:
        rows = table[table["metric"].eq(metric) & table["region"].isin(names)]
        kinds = {kind: one.set_index("region") for kind, one in rows.groupby("ceiling_kind")}
        found = {
            kind: kinds[kind]["score"].reindex(names).to_numpy(float)
            for kind in (KIND, ANALYTIC)
            if kind in kinds
        }
        ours = found.pop(KIND, np.full(len(names), np.nan))
        case = Case("align", f"{KIND} of {metric}, given", situation, LAYOUT)
        given = np.isfinite(ours)
        yield observed(np.where(given, 0.0, 1.0), replace(case, asks=POWER) if true else case)
        if not true or not given.any():
            continue
        one_term = [bound_of_the_mean(agreements(one, metric), REPEATS) for one in single]
        case = replace(case, test=f"{KIND} of {metric}, bias", asks=RECOVERY, truth=0.0)
        for method, values in ({OURS: ours, ONE_TERM: np.array(one_term)} | found).items():
            yield observed((values - true[metric])[given], replace(case, method=method))
