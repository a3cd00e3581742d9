"""Dissimilarities are scipy's, and what cannot be compared is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.io import loadmat
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata, spearmanr

from stages.align.engine import align, measure
from stages.align.representation import Dissimilarities
from stages.align.routines.dissimilarity import distances_by_kind, distances_of
from stages.align.routines.row_distances import dissimilarities, unit_rows, unit_vector
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from stages.core.stats.row_orders import row_orders
from tests.align.rsa_toolbox import METHODS, toolbox_rdm, toolbox_rdms, toolbox_score


@pytest.mark.parametrize("distance", ["correlation", "euclidean", "cosine"])
@pytest.mark.parametrize("scale", [1, 1e-3])
def test_dissimilarities_are_those_of_scipy(structured, distance, scale):
    """Also of rows that are less than 1 apart."""
    for x in structured[0]:
        found, expected = dissimilarities(scale * x, distance, "x"), pdist(scale * x, distance)
        assert_allclose(found, expected, rtol=1e-9, atol=1e-10 * scale)


@pytest.mark.parametrize("distance", ["correlation", "cosine"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_of_unlike_scale_differ_by_their_patterns_alone(rng, distance, dtype):
    rows = rng.standard_normal((9, 30)) + 0.5
    scaled = rows * 10.0 ** np.arange(-12, 6, 2)[:, None]
    expected = pdist(rows, distance)
    assert_allclose(dissimilarities(scaled, distance, "x"), expected, rtol=1e-9)
    turned = unit_rows(scaled, distance, "x", dtype)
    assert turned.dtype == dtype
    assert_allclose(pdist(turned, "sqeuclidean") / 2, expected, rtol=1e-5)


def test_a_flat_row_has_no_correlation_and_a_zero_row_no_angle(structured):
    x = structured[0][0].copy()
    x[5] = 2
    with pytest.raises(InputError, match="without variance over units, .* in x, row 5"):
        dissimilarities(x, "correlation", "x")
    assert np.isfinite(dissimilarities(x, "cosine", "x")).all()
    x[5] = 0
    with pytest.raises(InputError, match="for the cosine distance in x, row 5"):
        dissimilarities(x, "cosine", "x")


@pytest.mark.parametrize("comparison", ["pearson", "spearman"])
def test_equal_dissimilarities_cannot_be_correlated(comparison):
    with pytest.raises(InputError, match="all rows equally far apart in x"):
        unit_vector(np.full(10, 0.3), comparison, "x")


@pytest.fixture
def sides(rng):
    """Two representations of the same stimuli, of different widths, that share half."""
    latent = rng.standard_normal((30, 5))
    return [
        latent @ rng.standard_normal((5, width)) + rng.standard_normal((30, width))
        for width in (12, 40)
    ]


@pytest.mark.parametrize("comparison", METHODS)
def test_comparisons_are_those_of_rsatoolbox(exact, sides, comparison):
    theirs = toolbox_score(*(toolbox_rdm(one, "correlation") for one in sides), comparison)
    name = f"rsa_{comparison}"
    found = measure([sides[0]], [sides[1]], [name], np.arange(30)[None], exact)[name]
    assert_allclose(found, theirs, atol=1e-12)


@pytest.mark.parametrize("comparison", METHODS)
def test_given_dissimilarities_compare_as_in_rsatoolbox(exact, sides, comparison):
    """Also with ties, which both give their mean rank."""
    rdms = [np.round(pdist(one, "cityblock") / 5) for one in sides]
    theirs = toolbox_score(*(toolbox_rdms(rdm) for rdm in rdms), comparison)
    name = f"rsa_{comparison}"
    ours = [Dissimilarities(squareform(rdm)) for rdm in rdms]
    found = measure([ours[0]], [ours[1]], [name], np.arange(30)[None], exact)[name]
    assert_allclose(found, theirs, atol=1e-12)


def test_ranks_of_distances_are_those_of_their_squares_in_rsatoolbox(exact, sides):
    theirs = toolbox_score(*(toolbox_rdm(one, "euclidean") for one in sides), "spearman")
    name = "rsa_spearman_euclidean"
    found = measure([sides[0]], [sides[1]], [name], np.arange(30)[None], exact)[name]
    assert_allclose(found, theirs, atol=1e-12)


def test_human_and_monkey_it_agree_as_published(mirror):
    """Kriegeskorte et al. 2008: r = .49 between the mean matrices; .4389 by ranks."""
    published = loadmat(mirror / "kriegeskorte2008/Kriegeskorte_Neuron2008_supplementalData.mat")
    monkey, human = (
        Dissimilarities(squareform(one[0])) for one in published["RDMs_mIT_hIT_fig1"]["RDM"][0]
    )
    names = ["rsa_pearson", "rsa_spearman", "mutual_knn_10", "cka_linear"]
    found = align([human], [monkey], names, draws=99, seed=0)
    assert_allclose(found["rsa_pearson"].score, 0.4912, atol=5e-5)
    assert_allclose(found["rsa_spearman"].score, 0.4389, atol=5e-5)
    assert all(found[name].p <= 0.01 for name in names)


@pytest.mark.parametrize("name", ["rsa_pearson_euclidean", "rsa_spearman", "rsa_cosine_cosine"])
@pytest.mark.parametrize(
    ("dtype", "device"), [("float32", None), ("float32", "cpu"), ("float64", None)]
)
def test_many_pairs_in_blocks_and_orders_are_those_of_scipy(rng, name, dtype, device):
    """So many that ranks are counted and not sorted; wide features, whose matrix is kept, too."""
    n = 530
    latent = rng.standard_normal((n, 5))
    left, right = (
        [latent @ rng.standard_normal((5, p)) + rng.standard_normal((n, p)) for p in widths]
        for widths in ((20, 600), (40,))
    )
    orders = row_orders(n, 1, seed=0)
    _, comparison, *distance = name.split("_")
    of = distance[0] if distance else "correlation"
    expected = np.empty((2, 1, 2))
    for i, x in enumerate(left):
        for place, order in enumerate(orders):
            pair = pdist(x[order], of), pdist(right[0], of)
            expected[i, 0, place] = {
                "pearson": lambda a, b: np.corrcoef(a, b)[0, 1],
                "spearman": lambda a, b: spearmanr(a, b).statistic,
                "cosine": lambda a, b: a @ b / np.sqrt((a @ a) * (b @ b)),
            }[comparison](*pair)
    for memory in (2**28, 30 * 2**20):
        backend = make_backend(device, dtype, memory)
        found = measure(left, right, [name], orders, backend)[name]
        assert_allclose(found, expected, atol=2e-6)


def test_equally_distant_rows_are_refused_however_many(rng):
    """In single precision, rounding makes them differ."""
    n = 530
    y = rng.standard_normal((n, 4))
    for name in ("rsa_pearson_euclidean", "rsa_spearman_euclidean"):
        with pytest.raises(InputError, match=r"all rows equally far apart in left\[0\]"):
            measure(
                [np.eye(n)], [y], [name], np.arange(n)[None], make_backend(None, "float32", 2**28)
            )


@pytest.mark.parametrize("n", [100, 600])
@pytest.mark.parametrize("out", [100, 1e4])
@pytest.mark.parametrize(
    ("dtype", "device"), [("float32", None), ("float32", "cpu"), ("float64", None)]
)
def test_rows_far_out_leave_the_ranks_of_the_others(rng, n, out, dtype, device):
    """In units of the mean distance, which they make large, the others were all in a few bins."""
    latent = rng.standard_normal((n, 5))
    x, y = (
        latent @ rng.standard_normal((5, p)) + rng.standard_normal((n, p)) + 3 for p in (40, 30)
    )
    x[[3, 50]] *= np.array([[out], [30 * out]])
    given = [Dissimilarities(squareform(pdist(x, "sqeuclidean")))]
    backend, order = make_backend(device, dtype, 2**28), np.arange(n)[None]
    for left in ([x], given):
        found = measure(left, [y], ["rsa_spearman_euclidean"], order, backend)
        expected = spearmanr(pdist(x), pdist(y)).statistic
        assert_allclose(found["rsa_spearman_euclidean"].item(), expected, atol=2e-5)


@pytest.mark.parametrize("name", ["rsa_pearson", "rsa_cosine", "rsa_pearson_euclidean"])
def test_what_is_taken_off_is_the_level(rng, exact, name):
    """With it, they are SciPy's, over their mean, or the root of their mean square."""
    x, metric = rng.standard_normal((12, 5)) + 2, parse_metric(name)
    made = distances_of(x, metric, "x", exact)
    assert made.level == 1
    found = made.between(slice(0, 3), slice(5, 12)) + made.level
    far = pdist(x, metric.distance)
    unit = np.sqrt((far**2).mean()) if metric.distance == "euclidean" else far.mean()
    assert_allclose(found, squareform(far / unit)[:3, 5:], rtol=1e-9)


@pytest.mark.parametrize("name", ["rsa_spearman", "rsa_spearman_euclidean"])
def test_ranks_are_shares_of_all_pairs(rng, exact, name):
    x, metric = rng.standard_normal((12, 5)) + 2, parse_metric(name)
    made = distances_of(x, metric, "x", exact)
    found = made.between(slice(0, 3), slice(5, 12)) + made.level
    expected = squareform(rankdata(pdist(x, metric.distance)))[:3, 5:]
    assert_allclose(found, expected / 66, rtol=1e-12)


def test_roots_are_of_features_alone_and_none_is_below_0(rng, exact):
    x, metric = rng.standard_normal((12, 5)), parse_metric("rsa_pearson_euclidean")
    features = distances_of(x, metric, "x", exact)
    given = distances_of(Dissimilarities(squareform(pdist(x))), metric, "x", exact)
    assert (features.root, given.root) == (True, False)
    some = np.array([[-1 - 1e-12, -1.0, 0, 3]])
    assert features.of(some.copy()).tolist() == [[-1, -1, 0, 1]]
    assert given.of(some.copy()).tolist() == some.tolist()
    both = [one.between(slice(0, 4), slice(4, 12)) + 1 for one in (features, given)]
    assert_allclose(both[0] / both[0].mean(), both[1] / both[1].mean())


@pytest.mark.parametrize("names", [["rsa_pearson"], ["rsa_spearman"]])
def test_one_preparation_serves_ranks_and_what_they_are_of(rng, exact, names):
    x = rng.standard_normal((12, 5))
    metrics = [parse_metric(name) for name in [*names, "rsa_pearson", "rsa_spearman"]]
    made = distances_by_kind(x, metrics, "x", exact)
    assert [*made] == [False, True]
    assert made[False].ranks is None
    assert made[True].ranks is not None
    assert made[False].squared is made[True].squared
    alone = distances_by_kind(x, metrics[:1], "x", exact)
    assert [*alone] == [names == ["rsa_spearman"]]
