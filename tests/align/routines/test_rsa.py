"""Comparisons of dissimilarities in tiles and orders, against SciPy on whole vectors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist, squareform
from scipy.stats import pearsonr, rankdata, spearmanr

from stages.align.representation import Dissimilarities
from stages.align.routines import rsa as routine
from stages.align.routines.needs import most_needed
from stages.align.routines.rsa import by_distance, compare_distances, rsa
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend

N = 19
NAMES = {
    "rsa_pearson": ("pearson", "correlation"),
    "rsa_spearman": ("spearman", "correlation"),
    "rsa_cosine": ("cosine", "correlation"),
    "rsa_pearson_euclidean": ("pearson", "euclidean"),
    "rsa_spearman_euclidean": ("spearman", "euclidean"),
    "rsa_cosine_euclidean": ("cosine", "euclidean"),
}
WIDE = make_backend(None, "float64", 2**26)


def compared(one, other, comparison):
    if comparison == "cosine":
        return one @ other / np.sqrt((one @ one) * (other @ other))
    return (pearsonr if comparison == "pearson" else spearmanr)(one, other).statistic


def views(rng, *widths):
    latent = rng.standard_normal((N, 3))
    return [latent @ rng.standard_normal((3, p)) + rng.standard_normal((N, p)) for p in widths]


def narrow(left, right, metrics, orders):
    """As little memory as makes tiles of few rows, if any."""
    need = most_needed(left, right, metrics, orders, WIDE)
    return make_backend(None, "float64", need.least + 2 * need.each)


@pytest.mark.parametrize(
    "names", [list(NAMES), ["rsa_spearman"], ["rsa_cosine_euclidean", "rsa_spearman_euclidean"]]
)
@pytest.mark.parametrize("n_orders", [1, 3])
@pytest.mark.parametrize("tight", [False, True])
def test_every_pair_in_every_order(rng, names, n_orders, tight):
    left, right = views(rng, 6, 9), views(rng, 5, 7, 8)
    metrics = [parse_metric(name) for name in names]
    orders = np.stack([np.arange(N), *(rng.permutation(N) for _ in range(n_orders - 1))])
    backend = narrow(left, right, metrics, n_orders) if tight else WIDE
    found = rsa(left, right, metrics, orders, backend)
    assert set(found) == set(names)
    for name in names:
        assert found[name].shape == (2, 3, n_orders)
        comparison, distance = NAMES[name]
        there = [pdist(view, distance) for view in right]
        for i, view in enumerate(left):
            for place, order in enumerate(orders):
                here = pdist(view[order], distance)
                expected = [compared(here, other, comparison) for other in there]
                assert_allclose(found[name][i, :, place], expected, rtol=1e-6, err_msg=name)


def test_metrics_of_one_distance_are_compared_together():
    metrics = [parse_metric(name) for name in NAMES]
    found = by_distance([metrics[3], metrics[0], metrics[1], metrics[4]])
    assert [[metric.name for metric in some] for some in found] == [
        ["rsa_pearson_euclidean", "rsa_spearman_euclidean"],
        ["rsa_pearson", "rsa_spearman"],
    ]


@pytest.mark.parametrize("tight", [False, True])
def test_rows_are_added_up_of_so_many(rng, tight):
    left, right = views(rng, 6, 9), views(rng, 5, 7, 8)
    metrics = [parse_metric(name) for name in ("rsa_pearson", "rsa_spearman")]
    orders = np.stack([np.arange(N), rng.permutation(N)])
    backend = narrow(left, right, metrics, 2) if tight else WIDE
    _, sides = compare_distances(left, right, metrics, orders, backend, rows=(1, 2))
    for side, given, count in zip(sides, (left, right), (1, 2), strict=True):
        for kind, one in side.items():
            assert len(one.rows) == count
            for sums, view in zip(one.rows, given, strict=False):
                d = pdist(view, "correlation")
                values = rankdata(d) / len(d) if kind else d
                level = (len(d) + 1) / 2 / len(d) if kind else 1
                whole = squareform(values - level)
                factor = np.sqrt(sums.squares.sum() / (whole**2).sum())
                if kind:
                    assert_allclose(factor, 1, rtol=1e-6)
                    assert_allclose(sums.sums, whole.sum(axis=1), atol=1e-8)
                    assert_allclose(sums.squares, (whole**2).sum(axis=1), rtol=1e-8)
                    assert_allclose(sums.most, np.abs(whole).max())


@pytest.mark.parametrize(("side", "where"), [(0, r"left\[1\]"), (1, r"right\[2\]")])
def test_rows_that_are_equally_far_apart_are_refused(rng, side, where):
    sides = [views(rng, 6, 9), views(rng, 5, 7, 8)]
    sides[side][-1] = Dissimilarities(1 - np.eye(N))
    metrics = [parse_metric("rsa_pearson")]
    with pytest.raises(InputError, match=f"all rows equally far apart in {where}"):
        rsa(*sides, metrics, np.arange(N)[None], WIDE)
    cosine = rsa(*sides, [parse_metric("rsa_cosine")], np.arange(N)[None], WIDE)
    assert np.isfinite(cosine["rsa_cosine"]).all()


@pytest.mark.parametrize(("share", "flat"), [(0.9, True), (1.1, False)])
def test_pairs_are_alike_up_to_some_units_of_rounding(rng, monkeypatch, share, flat):
    """Half of them this much nearer than the mean, which is 1, and half as much farther."""
    monkeypatch.setattr(routine, "FLAT", 1e-3 / np.finfo(float).eps)
    signs = np.where(np.arange(20 * 19 // 2) % 2, 1.0, -1.0)
    given = Dissimilarities(squareform(1 + share * 1e-3 * signs))
    other = Dissimilarities(squareform(rng.uniform(size=190)))
    call = lambda: rsa([given], [other], [parse_metric("rsa_pearson")], np.arange(20)[None], WIDE)  # noqa: E731
    if flat:
        with pytest.raises(InputError, match="equally far apart"):
            call()
    else:
        assert np.isfinite(call()["rsa_pearson"])
