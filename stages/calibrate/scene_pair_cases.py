"""What is said of the difference of two models that are as near to regions that see images."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from stages.calibrate.observed import Case, observed
from stages.calibrate.simulated_pairs import (
    APART,
    BETTER,
    GROUP,
    GROUPED,
    IMAGES,
    METRICS,
    PAIRS,
    PEOPLE,
    Array,
    true_difference,
    write_pairs,
)
from stages.calibrate.stage_runs import Changes, StageRun, Study, run_stages
from stages.core.results.calibrations import COVERAGE, OURS, POWER
from stages.core.stats.jackknife import over_both, over_stimuli, pseudo_values

LAYOUT = f"{PEOPLE} people × {IMAGES} images"
SINGLE = "pieces of single images"
THESE, OTHER = "difference by {}, these people", "difference by {}, other people"
SHARE = 2  # of the targets of a recording, one is a pair of models
DRAWS = 200  # behind the true difference


def scene_pair_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Align pairs of models with people, and judge their differences as the survey does."""
    settings = study.settings
    true = {name: true_difference(name, DRAWS, settings.seed) for name in METRICS}
    for recording in range(settings.recordings):
        for situation in PAIRS:
            yield from one_recording(study, situation, recording, true)
        yield from grouped_images(study, recording)


def one_recording(
    study: Study, situation: str, recording: int, true: Mapping[str, float]
) -> Iterator[pd.DataFrame]:
    """Compare pairs of models of one of `PAIRS`, by all metrics; `true` is of `BETTER`."""
    seed = study.settings.seed + 8000 + 100 * PAIRS.index(situation) + recording
    (table,) = _aligned(study, situation, seed, METRICS, ("rows",))
    for metric in METRICS:
        yield from of_metric(table, situation, recording, metric, true[metric])


def grouped_images(study: Study, recording: int) -> Iterator[pd.DataFrame]:
    """Leave out images that are alike together, and each by itself."""
    seed = study.settings.seed + 8500 + recording
    metric, ways = METRICS[0], {OURS: "blocks", SINGLE: "rows"}
    tables = _aligned(study, GROUPED, seed, (metric,), tuple(ways.values()))
    for method, table in zip(ways, tables, strict=True):
        case = Case("survey", THESE.format(metric), GROUPED, LAYOUT, method)
        p = over_stimuli(differences(table, metric)).p
        yield observed(p, case, *_named(recording, len(p)))


def _aligned(
    study: Study, situation: str, seed: int, metrics: tuple[str, ...], ways: tuple[str, ...]
) -> list[pd.DataFrame]:
    """Align with one recording, images permuted and left out in several ways."""
    pairs = study.settings.targets // SHARE
    write = partial(write_pairs, situation=situation, pairs=pairs, seed=seed)
    named, first = list(metrics), {"metric": metrics[0]}
    asked = {"metrics": named, "compared": named, "min_voxels": 1, "draws": 1, "seed": seed}
    runs = []
    for permute in ways:
        how = {"permute": permute, "block": GROUP if permute == "blocks" else 1}
        changes: Changes = {"align": asked | how, "survey": first, "trajectory": first}
        runs.append(StageRun("align without pieces", write, changes))
    return run_stages(runs, study)


def of_metric(
    table: pd.DataFrame, situation: str, recording: int, metric: str, true: float
) -> Iterator[pd.DataFrame]:
    """Judge differences by one metric: false positives, or power and intervals.

    Parameters
    ----------
    table : DataFrame
        Scores, and those without each piece below them.
    situation : str
        One of `PAIRS`.
    recording : int
    metric : str
    true : float
        Mean difference of the models of `BETTER`.
    """
    told = differences(table, metric)
    names = _named(recording, len(told))
    for test, found in ((THESE, over_stimuli(told)), (OTHER, over_both(told))):
        case = Case("survey", test.format(metric), situation, LAYOUT)
        if situation == BETTER:
            yield observed(found.p, replace(case, asks=POWER), *names)
            holds = (found.low <= true) & (true <= found.high)
            yield observed(holds, replace(case, asks=COVERAGE), *names)
        elif situation != APART or test == OTHER:  # these people do prefer one
            yield observed(found.p, case, *names)


def _named(recording: int, pairs: int) -> tuple[list[str], list[str]]:
    """Tell the pairs of one recording from those of another."""
    names = [f"{recording}:{at}" for at in range(pairs)]
    return names, names


def differences(table: pd.DataFrame, metric: str) -> Array:
    """Find the share of each piece in the differences of the pairs of models.

    Returns
    -------
    ndarray, shape (n_pairs, n_people, n_pieces)
    """
    rows = table[table["kind"].eq("layer") & table["metric"].eq(metric)]
    place, models = ["region", "subject"], []
    for letter in "ab":
        own = rows[rows["layer"].eq(rows["region"] + letter)]
        without = own[own["piece"].notna()].pivot_table("score", place, "piece")
        score = own[own["piece"].isna()].set_index(place)["score"].loc[without.index]
        models.append(pseudo_values(score.to_numpy(float), without.to_numpy(float)))
    found = models[0] - models[1]
    return found.reshape(rows["region"].nunique(), -1, found.shape[-1])
