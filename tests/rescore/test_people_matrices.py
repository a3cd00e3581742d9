"""People in place of a model: against matrices by hand, at what is planted, and at the floor."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import rankdata, spearmanr

from stages.core.recording.types import Recording, Subject
from stages.rescore.people_matrices import bounds, people_by_region
from stages.rescore.random_folds import random_folds
from stages.rescore.whole_matrices import debiased_kernel, ranked_dissimilarities

N, UNITS = 60, 40
SPLITS = [fold.outer for fold in random_folds(np.arange(N))]


def recording(responses, regions):
    """People by name, and the region of each of their targets."""
    people = []
    for name, values in responses.items():
        ids = [f"v{k}" for k in range(values.shape[1])]
        targets = pd.DataFrame({"id": ids, "region": regions})
        people.append(Subject(name, values.astype(np.float32), targets))
    nothing = pd.DataFrame()
    return Recording("some", "events", None, None, nothing, nothing, people)


def followers(rng, n_people, noise):
    """What people share, and each of them, with noise of their own."""
    shared = rng.standard_normal((N, UNITS))
    people = {f"s{k}": shared + noise * rng.standard_normal((N, UNITS)) for k in range(n_people)}
    return shared, people


def scores(found):
    table = pd.DataFrame(list(found)).set_index(["region", "estimator", "folds", "layer"])
    return table["score"].sort_index()


def test_the_mean_of_the_others_is_compared_with_each(rng):
    _, people = followers(rng, 4, 1.5)
    found = scores(bounds(recording(people, ["x"] * UNITS), SPLITS))
    ranks = [rankdata(pdist(one.astype(np.float32), "correlation")) for one in people.values()]
    others = [np.mean(np.delete(ranks, k, axis=0), axis=0) for k in range(4)]
    r = [np.corrcoef(*pair)[0, 1] for pair in zip(ranks, others, strict=True)]
    assert found["x", "rdm", "none", "others"] == pytest.approx(np.median(r), abs=1e-6)


def test_infinitely_many_people_reach_what_the_planted_matrix_does(rng):
    shared, people = followers(rng, 6, 1.5)
    found = scores(bounds(recording(people, ["x"] * UNITS), SPLITS))
    for estimator, make in (("rdm", ranked_dissimilarities), ("cka", debiased_kernel)):
        reached = np.median([np.vdot(make(shared), make(own)) for own in people.values()])
        limit = found["x", estimator, "none", "infinitely_many"]
        assert limit == pytest.approx(reached, abs=0.03)
        assert 0.1 < found["x", estimator, "none", "others"] < limit - 0.03
        assert found["x", estimator, "shuffled", "others"] > 0.1


def test_people_who_share_nothing_have_no_ceiling(rng):
    people = {f"s{k}": rng.standard_normal((N, UNITS)) for k in range(3)}
    found = scores(bounds(recording(people, ["x"] * UNITS), SPLITS))
    assert abs(found["x", "cka", "none", "others"]) < 0.1


def test_regions_of_one_person_and_of_few_targets(rng):
    _, people = followers(rng, 2, 1.0)
    regions = ["x"] * (UNITS - 2) + ["few"] * 2
    two = recording(people, regions)
    found = scores(bounds(two, SPLITS))
    assert set(found.index.droplevel(["folds", "layer"])) == {
        ("x", "rdm"), ("x", "cka"), ("few", "cka"),
    }  # fmt: skip
    parts = [[one[split.test, :-2] for one in people.values()] for split in SPLITS]
    each = [spearmanr(*(pdist(one, "correlation") for one in part))[0] for part in parts]
    assert found["x", "rdm", "shuffled", "others"] == pytest.approx(np.mean(each), abs=1e-6)
    # Two people cannot tell how much of what they share others would.
    assert found.xs("infinitely_many", level="layer").isna().all()
    assert found.xs("others", level="layer").notna().all()
    alone = recording({"s0": people["s0"]}, regions)
    assert not list(bounds(alone, SPLITS))
    average = recording({"group": people["s1"], "s0": people["s0"]}, regions)
    assert list(people_by_region(average)["x"]) == ["s0"]
