"""One set of patterns scored in every way, against scikit-learn and SciPy person by person."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression

from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import Folds
from stages.core.recording.types import Recording, Subject
from stages.core.regression.folds import SHUFFLED
from stages.core.run.errors import InputError
from stages.core.stats.chance import draw_shifts
from stages.rescore.variants import Ways, partitions, places, rescored
from stages.rescore.whole_matrices import debiased_kernel, ranked_dissimilarities

RUNS = np.repeat(["b", "a", "c"], [40, 30, 26])
N = len(RUNS)
FOLDS = Folds(scheme="runs", blocks=3, gap=0)
REGIONS = {
    "s1": ["y", "y", "x", "y", "x"],
    "s2": ["x", "x", "y", "y", "y", "x"],
    GROUP: ["x", "z", "z", "z"],
}


@pytest.fixture
def study(rng):
    design = rng.standard_normal((N, 4))
    people = []
    for k, (name, regions) in enumerate(REGIONS.items()):
        values = design @ rng.standard_normal((4, len(regions))) * (k + 0.5)
        values = (values + rng.standard_normal(values.shape)).astype(np.float32)
        targets = pd.DataFrame({"id": [f"v{i}" for i in range(len(regions))], "region": regions})
        people.append(Subject(name, values, targets))
    samples = pd.DataFrame({"id": [f"t{i}" for i in range(N)], "run": RUNS, "onset": np.arange(N)})
    recording = Recording("x", "timeseries", 1.0, None, samples, samples, people)
    shuffled, held = partitions(RUNS, FOLDS)
    orders = draw_shifts(held.segments, 19, 2, seed=0)
    return design, recording, Ways(shuffled, held, orders, np.array([100.0, 1.0]))


def medians(each):
    """Median over targets of each person, and then over people."""
    return np.median([np.median(own) for own in each])


def test_ways_are_told_and_counted(study):
    found = pd.DataFrame(rescored(*study))
    assert list(dict.fromkeys(found["region"])) == ["x", "y", "z"]
    ways = set(zip(found["estimator"], found["folds"], strict=True))
    assert ways == {
        *(("ols", cut) for cut in (SHUFFLED, "runs")),
        *(("ridge", cut) for cut in (SHUFFLED, "runs")),
        *((name, cut) for name in ("cka", "rdm") for cut in (SHUFFLED, "none")),
    }
    counts = found.groupby("region")[["subjects", "targets"]].agg(["min", "max"])
    assert counts.loc["y"].tolist() == [2, 2, 6, 6]
    assert counts.loc["z"].tolist() == [1, 1, 3, 3]
    x = found[found["region"] == "x"]
    assert set(x["subjects"]) == {2}
    assert set(x["targets"]) == {5}


def row(found, region, estimator, folds):
    (one,) = [
        one
        for one in found
        if (one["region"], one["estimator"], one["folds"]) == (region, estimator, folds)
    ]
    return one


@pytest.mark.parametrize("cut", ["shuffled", "held"])
def test_least_squares_are_medians_of_held_out_correlations(study, cut):
    design, recording, ways = study
    part = getattr(ways, cut)
    found = row(rescored(*study), "y", "ols", part.scheme)
    each = []
    for one in recording.subjects[:2]:
        own = one.responses[:, (one.targets["region"] == "y").to_numpy()].astype(float)
        scores = []
        for fold in part.folds:
            fit = LinearRegression().fit(design[fold.outer.train], own[fold.outer.train])
            guess = fit.predict(design[fold.outer.test])
            pairs = zip(guess.T, own[fold.outer.test].T, strict=True)
            scores.append([np.corrcoef(*pair)[0, 1] for pair in pairs])
        each.append(np.mean(scores, axis=0))
    assert_allclose(found["score"], medians(each), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "make"), [("cka", debiased_kernel), ("rdm", ranked_dissimilarities)]
)
def test_whole_matrices_have_a_null_of_shifted_people(study, name, make):
    design, recording, ways = study
    found = row(rescored(*study), "y", name, "none")
    own = make(design)
    others = [
        make(one.responses[:, (one.targets["region"] == "y").to_numpy()].astype(float))
        for one in recording.subjects[:2]
    ]
    score = np.median([(own * other).sum() for other in others])
    null = [np.median([(own * m[order][:, order]).sum() for m in others]) for order in ways.orders]
    assert_allclose(found["score"], score)
    assert_allclose(found["null_mean"], np.mean(null))
    assert_allclose(found["null_sd"], np.std(null))
    assert_allclose(found["p"], (np.sum(np.array(null) >= score) + 1) / 20)
    assert "p" not in row(rescored(*study), "y", name, SHUFFLED)


def test_shuffled_folds_leave_nothing_to_compare_with():
    with pytest.raises(InputError, match="nothing to compare with"):
        partitions(RUNS, Folds(scheme=SHUFFLED, blocks=3, gap=0))
    shuffled, held = partitions(RUNS, FOLDS)
    assert (shuffled.scheme, held.scheme) == (SHUFFLED, "runs")
    assert (shuffled.segments == RUNS).all()


def test_bumps_stand_evenly_in_each_run():
    """Two samples wide, four apart: of eleven samples three, of one sample one."""
    runs = np.array(["q"] * 11 + ["p"] + ["r"] * 6)
    found = places(runs)
    centres = [[11 / 6 - 0.5, 5, 55 / 6 - 0.5], [0], [1, 4]]
    expected, start, column = np.zeros((18, 6)), 0, 0
    for length, own in zip([11, 1, 6], centres, strict=True):
        for centre in own:
            for place in range(length):
                expected[start + place, column] = np.exp(-((place - centre) ** 2) / 8)
            column += 1
        start += length
    assert_allclose(found, expected)
