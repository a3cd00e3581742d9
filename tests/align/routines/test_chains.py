"""A kernel made of the next wider one is that of the exponential."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.routines.chains import NARROW, chain, kernels, own, place_in
from stages.core.names.metrics import parse_metric
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
