"""What regions say is judged, bounded and averaged as by loops, from predictions made by hand."""

import logging
from types import SimpleNamespace

import numpy as np
import pytest

from stages.core.regression.folds import Fold, Split
from stages.core.stats.scores import Moments, pearson, r_squared
from stages.core.time.sampled_features import Features
from stages.decode import decoding
from stages.decode.decoding import (
    CEILING,
    _batches,
    _ceilings,
    _judge,
    _report_constant,
    _report_single,
    _with_mean,
)

TESTED = (np.arange(7), np.arange(7, 20))


def cut(tested=TESTED):
    rows = np.arange(20)
    folds = tuple(Fold(Split(np.setdiff1d(rows, test), test), ()) for test in tested)
    return SimpleNamespace(folds=folds)


def people(rng):
    """Three people who share a course in the first feature; one of whom is against the others."""
    shared = rng.standard_normal((20, 3))
    found = {
        name: 5 + level * 10 + shared * way + 0.5 * rng.standard_normal((20, 3))
        for level, (name, way) in enumerate((("a", [1, 1, 1]), ("b", [1, 1, 1]), ("c", [1, -1, 1])))
    }
    for values in found.values():
        values[7:] += 40
        values[:, 2] = 3.0
    return found


@pytest.mark.parametrize("names", ["abc", "ab"])
def test_ceilings_are_roots_of_the_mean_correlation_with_others(rng, names):
    """Means of folds taken out; 0 where others go the other way, or nothing varies."""
    found = {name: values for name, values in people(rng).items() if name in names}
    left = {
        name: np.vstack([values[test] - values[test].mean(axis=0) for test in TESTED])
        for name, values in found.items()
    }
    bounds = _ceilings(found, cut())
    assert list(bounds) == [*names, "group"]
    expected = {}
    for name in names:
        others = [other for other in names if other != name]
        each = [
            np.mean([np.corrcoef(left[name][:, k], left[one][:, k])[0, 1] for one in others])
            for k in range(2)
        ]
        expected[name] = np.array([np.sqrt(max(r, 0)) for r in each] + [0.0])
        np.testing.assert_allclose(bounds[name], expected[name], atol=1e-9)
    np.testing.assert_allclose(bounds["group"], np.mean(list(expected.values()), axis=0))
    assert expected["a"][0] > 0.7
    if names == "abc":
        assert expected["c"][1] == 0
    assert _ceilings({"a": found["a"]}, cut()) == {}


def test_features_without_anything_to_learn_are_counted_by_splits(caplog):
    series = np.arange(60.0).reshape(20, 3)
    series[:8, 1] = 2
    series[:, 2] = 7
    splits = [Split(np.arange(8), np.arange(8, 10)), Split(np.arange(12), np.arange(12, 14))]
    folds = (Fold(splits[0], tuple(splits)), Fold(splits[0], tuple(splits[:1])))
    with caplog.at_level(logging.WARNING, "concord.decode"):
        _report_constant(Features(series, ["one", "two", "three"]), SimpleNamespace(folds=folds))
    said = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert said == [
        "feature two is constant in the training rows of 2 of 3 splits",
        "feature three is constant in the training rows of 3 of 3 splits",
    ]


@pytest.mark.parametrize(("n_people", "named"), [(1, []), (2, ["region X has no average"])])
def test_a_region_of_one_person_is_named_where_there_are_more(caplog, n_people, named):
    with caplog.at_level(logging.WARNING, "concord.decode"):
        _report_single({"X": {"s1": []}, "Y": {"s1": [], "s2": []}}, n_people)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == named


def test_regions_go_together_until_they_have_enough_parcels(monkeypatch):
    """Of each, half a voxel's worth of parcels: 2 + 1, exactly 3; 2.5 and 1.5; 1 is left."""
    monkeypatch.setattr(decoding, "BATCH", 3)
    voxels = {"A": (2, 2), "B": (2,), "C": (5,), "D": (3,), "E": (2,)}
    regions = {
        name: {f"s{k}": np.arange(n) for k, n in enumerate(sizes)} for name, sizes in voxels.items()
    }
    assert list(_batches(regions, 50)) == [("A", "B"), ("C", "D"), ("E",)]
    assert list(_batches({name: regions[name] for name in "AB"}, 50)) == [("A", "B")]


def moments(rng, *shape):
    """Sums over 9 and 11 samples of two folds."""
    sizes, folds = (9, 11), []
    for n in sizes:
        y = rng.standard_normal((n, *shape)) + 3
        d = y - 3 + rng.standard_normal(y.shape)
        sums = [(one * other).sum(axis=0) for one, other in ((y, y), (d, d), (y, d))]
        folds.append([np.full(shape, n), y.sum(axis=0), sums[0], d.sum(axis=0), *sums[1:]])
    return Moments(*map(np.stack, zip(*folds, strict=True)), np.ones((2, *shape)))


def test_every_person_and_their_mean_is_judged_by_every_metric(rng):
    pairs = {name: (moments(rng, 2), moments(rng, 2, 19)) for name in ("s1", "s2", "s3")}
    ceilings = {"s1": np.array([0.5, 0.25]), "group": np.array([0.75, 0.125])}
    names = ["Visual/word_length", "Speech/speak"]
    rows = _judge("X", names, pairs, ceilings)
    scores = {("r", name): pearson(observed) for name, (observed, _) in pairs.items()}
    scores |= {("r2", name): r_squared(observed) for name, (observed, _) in pairs.items()}
    for half, fold in (("r_odd", slice(0, 1)), ("r_even", slice(1, 2))):
        for name, (observed, _) in pairs.items():
            part = Moments(*(values[fold] for values in vars(observed).values()))
            scores[half, name] = pearson(part)
    for metric in ("r", "r2", "r_odd", "r_even"):
        scores[metric, "group"] = sum(scores[metric, name] for name in pairs) / 3
    n = {"r": 20, "r2": 20, "r_odd": 9, "r_even": 11}
    assert len(rows) == 4 * 4 * 2
    null = sum(pearson(many) for _, many in pairs.values()) / 3
    for row in rows:
        place = names.index(row["target"])
        metric, name = row["metric"], row["subject"]
        assert row["score"] == pytest.approx(scores[metric, name][place])
        assert (row["region"], row["kind"], row["n"]) == ("X", "frem", n[metric])
        assert row["family"] == ("visual", "discourse")[place]
        bounded = metric == "r" and name in ceilings
        assert row.get("ceiling") == (ceilings[name][place] if bounded else None)
        assert row.get("ceiling_kind") == (CEILING if bounded else None)
        if (metric, name) == ("r", "group"):
            assert row["null_mean"] == pytest.approx(null[place].mean())


def test_one_person_has_no_mean_and_two_have_one():
    one, other = {"r": np.array([0.5, 1.0])}, {"r": np.array([0.25, 2.0])}
    assert _with_mean({"s1": one}) == {"s1": one}
    assert _with_mean({"s1": one, "s2": other})["group"]["r"].tolist() == [0.375, 1.5]
