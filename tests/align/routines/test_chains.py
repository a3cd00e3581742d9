"""A kernel made of the next wider one is that of the exponential."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.routines.chains import NARROW, chain, kernels, own, place_in, steepness
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend


def metrics(*names):
    return [parse_metric(name) for name in names]


def test_a_kernel_follows_that_of_twice_its_bandwidth():
    asked = metrics(
        *(f"cka_rbf_{width}" for width in ("0.35", "1", "0.7", "0.25", "1.4", "4", "0.5")),
        *("cka_rbf_1_biased", "cka_linear", "cka_rbf_sigma_8_biased", "cka_rbf_sigma_4_biased"),
    )
    links = chain(asked)
    found = [(link.metric.bandwidth, link.metric.sigma, link.follows) for link in links]
    assert found == [
        (None, None, False),
        (None, 8, False),
        (None, 4, True),
        (4, None, False),
        (1.4, None, False),
        (0.7, None, True),
        (0.35, None, True),
        (1, None, False),
        (0.5, None, True),
        (0.25, None, True),
    ]
    assert place_in(links, asked[7]) == place_in(links, asked[1]) == 7


@pytest.mark.parametrize(
    ("device", "dtype"), [(None, "float64"), (None, "float32"), ("cpu", "float32")]
)
def test_the_fourth_power_is_the_exponential(rng, device, dtype):
    """From wide to narrow, through the slope where the form changes."""
    backend = make_backend(device, dtype, 2**28)
    squares = rng.random((6, 9)) * 3
    squares[0, 0] = 0
    links = chain(metrics(*(f"cka_rbf_{2.0**-k:g}" for k in range(7))))
    slopes = [0.004 * 4**k for k in range(7)]
    assert slopes[3] < NARROW < slopes[4]
    distances = backend.put(squares - 1)
    room = backend.empty(6, 9), backend.empty(6, 9)
    for slope, made in zip(slopes, kernels(distances, links, slopes, backend, room), strict=True):
        exact = np.exp(-slope * squares)
        if slope <= NARROW:
            exact = np.expm1(-slope * (squares - 1))
        tolerance = 1e-13 if dtype == "float64" else 2e-5
        assert_allclose(backend.host(made), exact, rtol=tolerance, atol=tolerance * abs(own(slope)))
        assert_allclose(exact[0, 0], own(slope))


def test_how_steep_a_kernel_is():
    """exp(-d² / 2 s²), s in units of the features or in medians; 0 of a linear one."""
    squared = SimpleNamespace(unit=3.0, median=0.5, backend=SimpleNamespace(eps=2.0**-52))
    linear, half, two = metrics("cka_linear", "cka_rbf_0.5", "cka_rbf_sigma_2_biased")
    assert steepness(linear, squared, "x") == 0
    assert steepness(half, squared, "x") == pytest.approx(1 / (2 * 0.25**2))
    assert steepness(two, squared, "x") == pytest.approx(3 / (2 * 2**2))


def test_a_median_of_rounding_is_refused_to_the_limit():
    """Its square is 16 units of rounding; one more is enough."""
    (metric,) = metrics("cka_rbf_1")
    squared = SimpleNamespace(unit=1.0, median=2.0**-24, backend=SimpleNamespace(eps=2.0**-52))
    with pytest.raises(InputError, match="more than half of the distances are 0 in x, cka_rbf_1"):
        steepness(metric, squared, "x")
    squared.median *= 1.01
    assert steepness(metric, squared, "x") == pytest.approx(2**47 / 1.01**2)


def test_a_row_with_itself():
    """exp(0), or expm1 of the slope where the kernel is told from its value at the mean."""
    slopes = (0.0, 0.5, 1.0, 1.01, 7.0)
    assert [own(one) for one in slopes] == pytest.approx([1, np.sqrt(np.e) - 1, np.e - 1, 1, 1])


def test_kernels_that_do_not_follow_are_made_anew(exact):
    """A linear one, wide and narrow ones, that of slope 1 still wide."""
    squares = np.array([[0.0, 0.5, 1.0, 3.0]])
    links = chain(metrics("cka_linear", "cka_rbf_5", "cka_rbf_3", "cka_rbf_0.9"))
    slopes = [0.0, 0.3, 1.0, 2.0]
    room = exact.empty(1, 4), exact.empty(1, 4)
    made = [np.array(one) for one in kernels(squares - 1, links, slopes, exact, room)]
    expected = [1 - squares, *(np.exp(-c * (squares - 1)) - 1 for c in (0.3, 1.0))]
    for one, other in zip(made, [*expected, np.exp(-2 * squares)], strict=True):
        assert_allclose(one, other, atol=1e-14)


def test_the_fourth_power_of_the_narrowest_wide_kernel(exact):
    squares = np.array([[0.0, 0.5, 1.0, 3.0]])
    links, room = chain(metrics("cka_rbf_2", "cka_rbf_1")), (exact.empty(1, 4), exact.empty(1, 4))
    made = [np.array(one) for one in kernels(squares - 1, links, [1.0, 4.0], exact, room)]
    assert [link.follows for link in links] == [False, True]
    assert_allclose(made[0], np.exp(1 - squares) - 1, atol=1e-14)
    assert_allclose(made[1], np.exp(-4 * squares), atol=1e-14)
