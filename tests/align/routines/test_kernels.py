"""Kernels keep their digits and refuse to call noise structure."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist, squareform

from stages.align.engine import measure
from stages.align.representation import Dissimilarities
from stages.align.routines.kernels import _inner, cka, compare_kernels
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from tests.align.nulls.matrices import u_centred


def scores(left, right, name, dtype="float64"):
    orders = np.arange(len(right[0]))[None]
    return measure(left, right, [name], orders, make_backend(None, dtype, 2**28))[name][..., 0]


def test_far_from_the_origin_single_precision_still_agrees(structured):
    left, right = structured
    far = [x + 1e4 for x in left]
    for name in ("cka_linear", "cka_rbf_1", "cka_rbf_100"):
        single = scores(far, right, name, "float32")
        assert_allclose(single, scores(left, right, name), atol=1e-4, err_msg=name)


def test_a_wide_kernel_is_the_linear_one(structured):
    """As the bandwidth grows, exp(-x) tends to 1 - x."""
    assert_allclose(
        scores(*structured, "cka_rbf_300", "float32"), scores(*structured, "cka_linear"), atol=1e-4
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["cka_linear", "cka_rbf_1"])
def test_equally_distant_rows_have_no_debiased_alignment(structured, name, dtype):
    _, right = structured
    with pytest.raises(InputError, match=rf"flat kernel for {name} in left\[0\]"):
        scores([np.eye(len(right[0]))], right, name, dtype)
    assert np.isfinite(scores([np.eye(len(right[0]))], right, f"{name}_biased", dtype)).all()


def test_a_bandwidth_that_sees_no_neighbour_is_refused(structured):
    with pytest.raises(InputError, match=r"flat kernel for cka_rbf_0.001 in left\[0\]"):
        scores(*structured, "cka_rbf_0.001")


def test_a_median_distance_of_zero_has_no_bandwidth(structured):
    _, right = structured
    twice = np.zeros((len(right[0]), 2))
    twice[:3] = 1
    with pytest.raises(InputError, match=r"half of the distances are 0 in left\[0\], cka_rbf_1"):
        scores([twice], right, "cka_rbf_1")
    assert np.isfinite(scores([twice], right, "cka_linear")).all()


def test_the_scale_of_dissimilarities_does_not_matter(structured):
    left, right = structured
    squares = ((left[0][:, None] - left[0]) ** 2).sum(axis=2)
    for name in ("cka_linear", "cka_rbf_0.5"):
        one, other = ([Dissimilarities(c * squares)] for c in (1, 1e6))
        assert_allclose(scores(one, right, name), scores(other, right, name), atol=1e-10)


def test_above_a_thousand_rows_the_median_is_sampled(rng):
    x = rng.standard_normal((1300, 4))
    y = x + rng.standard_normal((1300, 4))
    order = rng.permutation(1300)
    found = scores([x], [y], "cka_rbf_0.5"), scores([x[order]], [y[order]], "cka_rbf_0.5")
    assert_allclose(*found, atol=0.005)


@pytest.mark.parametrize("name", ["cka_linear", "cka_rbf_0.5", "cka_rbf_2", "cka_rbf_1_biased"])
def test_a_row_far_out_is_seen_alike_in_both_precisions(rng, name):
    latent = rng.standard_normal((100, 5))
    x, y = (latent @ rng.standard_normal((5, p)) + rng.standard_normal((100, p)) for p in (40, 30))
    x[3] *= 1e4
    single, double = (
        measure([x], [y], [name], np.arange(100)[None], make_backend(None, dtype, 2**28))[name]
        for dtype in ("float32", "float64")
    )
    assert_allclose(single, double, atol=1e-4)


def centred(kernel, biased):
    """H K H, or with the diagonal left out and U-centred (Székely & Rizzo 2014)."""
    n = len(kernel)
    if biased:
        around = np.eye(n) - 1 / n
        return around @ kernel @ around
    return u_centred(kernel)


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("bandwidth", [None, 0.3, 1, 8])
def test_they_are_cosines_of_textbook_kernels(rng, bandwidth, biased):
    """Of rows with unlike powers and a level, in two orders."""
    left = [rng.standard_normal((26, p)) * np.linspace(1, 3, p) + 4 for p in (3, 40)]
    right = [
        one[:, :3] @ rng.standard_normal((3, 5)) + rng.standard_normal((26, 5)) for one in left
    ]
    right.append(rng.standard_normal((26, 7)) * np.linspace(3, 1, 26)[:, None])
    orders = np.stack([np.arange(26), rng.permutation(26)])
    name = ("cka_linear" if bandwidth is None else f"cka_rbf_{bandwidth}") + "_biased" * biased
    found = cka(left, right, [parse_metric(name)], orders, make_backend(None, "float64", 2**28))
    here, there = ([centred(kernel(one, bandwidth), biased) for one in x] for x in (left, right))
    for (row, column, place), value in np.ndenumerate(found[name]):
        one, other = here[row][np.ix_(orders[place], orders[place])], there[column]
        expected = (one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other)
        assert_allclose(value, expected, atol=1e-10)


def kernel(features, bandwidth):
    """Of squared distances by SciPy; linear without a bandwidth."""
    if bandwidth is None:
        return features @ features.T
    far = pdist(features)
    return squareform(np.exp(-(far**2) / (2 * (bandwidth * np.median(far)) ** 2))) + np.eye(
        len(features)
    )


@pytest.mark.parametrize("biased", [False, True])
def test_inner_products_of_centred_kernels_from_sums_far_from_nothing(rng, biased):
    """Of whole kernels, from which nothing was taken before, so that each sum weighs."""
    one, other = (kernel(rng.standard_normal((7, 3)), 1.0) + shift for shift in (2.0, 5.0))
    expected = (centred(one, biased) * centred(other, biased)).sum()
    if not biased:
        np.fill_diagonal(one, 0)
        np.fill_diagonal(other, 0)
    along, across = one.sum(axis=1) @ other.sum(axis=1), one.sum() * other.sum()
    assert_allclose(_inner((one * other).sum(), along, across, 7, biased), expected, atol=1e-9)


def test_squares_are_added_up_where_asked_for(rng):
    x, order = rng.standard_normal((20, 4)), np.arange(20)[None]
    backend = make_backend(None, "float64", 2**28)
    for more, asked in (({}, False), ({"squares": True}, True)):
        _, sides = compare_kernels([x], [x], [parse_metric("cka_linear")], order, backend, **more)
        assert [one.squares is not None for one in sides] == [asked] * 2
