"""What the ceilings say of people who have something in common."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pandas as pd

from stages.calibrate.observed import Case, observed
from stages.calibrate.simulated_people import draw_shares, truths, write_people
from stages.calibrate.stage_runs import Changes, StageRun, Study, run_stages
from stages.core.names.vocabulary import GROUP
from stages.core.results.calibrations import COVERAGE, OURS, RECOVERY
from stages.core.results.story_ceilings import LIMIT, OTHERS, SPLIT_HALF

PEOPLE = (6, 12)
KINDS = {SPLIT_HALF: "mean", OTHERS: "others", LIMIT: "population"}
TESTS = {
    SPLIT_HALF: "split halves",
    OTHERS: "mean of the others",
    LIMIT: "infinitely many others",
}
WAYS = {OURS: "agreement", "fitted curve, as published": "exponential"}
REGIONS = {"targets": "region", "regions": "all", "min_voxels": 1}
SITUATION = "unlike people"


def ceiling_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate people whose ceilings are known, and see whether the intervals hold these."""
    settings = study.settings
    regions = settings.targets * settings.recordings
    for people in PEOPLE:
        seed = settings.seed + 6000 + people
        write = partial(write_people, people=people, regions=regions, seed=seed)
        runs = [StageRun("ceilings", write, _changes(way, settings.draws)) for way in WAYS.values()]
        known = truths(draw_shares(people, regions, seed))
        for method, table in zip(WAYS, run_stages(runs, study), strict=True):
            kinds = KINDS if method == OURS else {LIMIT: KINDS[LIMIT]}
            for kind, name in kinds.items():
                case = Case(
                    "ceilings", TESTS[kind], SITUATION, f"{people} people", method, COVERAGE
                )
                yield from of_kind(table, known[name], kind, case)


def _changes(way: str, draws: int) -> Changes:
    return {"ceilings_story": {"extrapolation": way, "draws": draws}, "encode": REGIONS}


def of_kind(
    table: pd.DataFrame, known: "pd.Series[float]", kind: str, case: Case
) -> Iterator[pd.DataFrame]:
    """Judge one kind of ceiling: its interval, and by how much it is too high on average.

    Parameters
    ----------
    table : DataFrame
        Of the ceilings stage.
    known : Series
        The true ceiling of every region, in the order of regions.
    kind : str
    case : Case
    """
    rows = table[table["kind"].eq(kind) & table["subject"].eq(GROUP)].sort_values("region")
    truth = known.to_numpy(float)
    # An interval that could not be found does not hold anything.
    yield observed((rows["low"].to_numpy() <= truth) & (truth <= rows["high"].to_numpy()), case)
    apart = rows["ceiling"].to_numpy() - truth
    yield observed(apart, replace(case, test=f"{case.test}, bias", asks=RECOVERY, truth=0.0))
