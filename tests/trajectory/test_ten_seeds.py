"""Real training curves of ten seeds: intervals over runs, and a lead that is known to be there.

The correlation of a language model's surprisal with n-gram statistics rises later for longer n.
"""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from stages.core.stats.run_intervals import over_runs
from stages.trajectory.curves.curve_shapes import RISES, TURNS, shape_of
from stages.trajectory.leads.run_leads import Course, leads
from stages.trajectory.leads.warping import exchange_p
from stages.trajectory.onsets.onset_times import Ends, octaves_of, times_to

ENDS = Ends(3, 3)
HALF = np.array([0.5])
SIZES = ("14m", "31m", "70m", "160m", "410m")


@pytest.fixture(scope="module")
def correlations(mirror):
    table = pd.read_csv(mirror / "lmphases2025" / "all_cors.tsv", sep="\t")
    return table[table["ModelFamily"].eq("pythia")]


def courses(table, size, variable):
    """One course per seed."""
    own = table[table["ModelSize"].eq(size) & table["CorrelatingVariable"].eq(variable)]
    wide = own.pivot_table(index="ModelStep", columns="ModelSeed", values="PearsonR")
    assert wide.shape == (20, 10)
    octaves = octaves_of(wide.index.to_numpy(float))
    return [Course(octaves, wide[seed].to_numpy()) for seed in wide]


def test_rising_and_turning_curves_are_told_apart_in_all_seeds(correlations):
    for variable, name in (("Pile_5gram", RISES), ("Pile_1gram", TURNS)):
        for size in SIZES:
            found = {
                shape_of(run.values, ENDS, 0).name for run in courses(correlations, size, variable)
            }
            assert found == {name}


def test_intervals_of_a_few_seeds_hold_the_mean_of_ten(correlations):
    held = short = total = 0
    rng = np.random.default_rng(0)
    for size in SIZES:
        times = np.array(
            [
                times_to(run.octaves, run.values, HALF, ENDS)[0]
                for run in courses(correlations, size, "Pile_5gram")
            ]
        )
        for some in combinations(times, 3):
            mean = over_runs(np.array(some), np.full(3, size))
            held += mean.low <= times.mean() <= mean.high
            drawn = rng.choice(some, size=(200, 3)).mean(axis=1)
            low, high = np.quantile(drawn, [0.025, 0.975])
            short += low <= times.mean() <= high
            total += 1
    assert held / total >= 0.93
    assert short / total < 0.85  # the percentile bootstrap, which is not used


def test_longer_contexts_come_later_and_the_lead_is_found(correlations):
    for size in ("160m", "410m"):
        early, late = (courses(correlations, size, name) for name in ("Pile_3gram", "Pile_5gram"))
        found = leads(early, late, HALF, ENDS, 0)[:, 0]
        mean = over_runs(found, np.full(10, size))
        assert mean.low > 0.2
        assert exchange_p(found, 100, 0) == pytest.approx(1 / 2**10)
        back = over_runs(leads(late, early, HALF, ENDS, 0)[:, 0], np.full(10, size))
        assert back.high < -0.2


def test_halves_of_the_same_seeds_have_no_lead(correlations):
    """Two sets of five seeds of one measure: a lead of 0, found significant one time in twenty."""
    runs = courses(correlations, "31m", "Pile_5gram")
    p = []
    for some in combinations(range(10), 5):
        one = [runs[at] for at in some]
        other = [runs[at] for at in range(10) if at not in some]
        p.append(over_runs(leads(one, other, HALF, ENDS, 0)[:, 0], np.full(5, "")).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.08
