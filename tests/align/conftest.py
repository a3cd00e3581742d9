"""Representations with a known relation."""

import pytest

from stages.core.stats.backend import make_backend

N = 40


@pytest.fixture
def structured(rng):
    """Three layers and four regions that see one latent more or less, of several widths."""
    latent = rng.standard_normal((N, 6))

    def view(width, noise):
        seen = latent @ rng.standard_normal((6, width))
        return seen + noise * rng.standard_normal((N, width)) + rng.standard_normal(width)

    left = [view(12, 0.5), view(90, 1.0), view(25, 3.0)]
    return left, [view(30, 0.5), view(7, 2.0), view(150, 1.0), view(20, 9.0)]


@pytest.fixture
def exact():
    """NumPy, float64, room for everything."""
    return make_backend(None, "float64", 2**28)
