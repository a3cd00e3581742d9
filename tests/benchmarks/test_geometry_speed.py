"""Speed of aligning 12 layers with 180 regions: 1000 stimuli, 25 metrics, no null.

Both sides keep to one thread of linear algebra and are told by processor time, which stays what it
is where other programs take turns with them.
"""

from time import process_time

import numpy as np
import pytest
from numpy.testing import assert_allclose
from threadpoolctl import threadpool_limits

from stages.align.engine import measure
from stages.core.stats.backend import make_backend

pytestmark = pytest.mark.benchmark

N, LAYERS, REGIONS, WIDTH = 1000, 12, 180, 384
VOXELS = np.random.default_rng(1).integers(50, 300, REGIONS)
BANDWIDTHS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)
KS = (5, 10, 20, 50, 100, 200)
SAMPLE = [(0, 0), (5, 90)]


def make_sides():
    rng = np.random.default_rng(0)
    latent = rng.standard_normal((N, 20), dtype=np.float32)

    def view(width):
        seen = latent @ rng.standard_normal((20, width), dtype=np.float32)
        return seen + 3 * rng.standard_normal((N, width), dtype=np.float32)

    return [view(WIDTH) for _ in range(LAYERS)], [view(width) for width in VOXELS]


def ours():
    """Seconds of all pairs, and their scores."""
    names = [
        *("cka_linear", "cknna_10"),
        *(f"cka_rbf_{bandwidth}" for bandwidth in BANDWIDTHS),
        *(f"{kind}_knn_{k}" for kind in ("mutual", "cycle") for k in KS),
    ]
    sides, backend = make_sides(), make_backend(None, "float32", 2**29)
    with threadpool_limits(1):
        start = process_time()
        found = measure(*sides, names, np.arange(N)[None], backend)
        return process_time() - start, found


def hsic(k, m, cubic):
    """Song et al. 2012, equation 5, in which the last term is a product of whole matrices."""
    k, m = k.copy(), m.copy()
    np.fill_diagonal(k, 0)
    np.fill_diagonal(m, 0)
    margins = (k @ m).sum() if cubic else k.sum(axis=0) @ m.sum(axis=1)
    products = (k * m.T).sum() + k.sum() * m.sum() / ((N - 1) * (N - 2))
    return products - 2 * margins / (N - 2)


def cka(k, m, cubic):
    return hsic(k, m, cubic) / np.sqrt(hsic(k, k, cubic) * hsic(m, m, cubic))


def rbf(x, bandwidth):
    norms = (x**2).sum(axis=1)
    squared = np.maximum(norms[:, None] + norms - 2 * x @ x.T, 0)
    sigma = bandwidth * np.sqrt(np.median(squared[np.triu_indices(N, 1)]))
    return np.exp(-squared / (2 * sigma**2))


def cosines(x):
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    return unit @ unit.T


def mask(similarity, k):
    similarity = similarity.copy()
    np.fill_diagonal(similarity, -np.inf)
    found = np.zeros((N, N), dtype=np.float32)
    np.put_along_axis(found, np.argpartition(-similarity, k, axis=1)[:, :k], 1, axis=1)
    return found


def cknna(x, y, cubic):
    a, b = cosines(x), cosines(y)
    of_a, of_b = mask(a, 10), mask(b, 10)
    both = of_a * of_b
    own = hsic(of_a * a, of_a * a, cubic) * hsic(of_b * b, of_b * b, cubic)
    return hsic(both * a, both * b, cubic) / np.sqrt(own)


def pairwise(x, y, cubic):
    """Every metric of one pair by its definition."""
    found = {"cka_linear": cka(x @ x.T, y @ y.T, cubic), "cknna_10": cknna(x, y, cubic)}
    for width in BANDWIDTHS:
        found[f"cka_rbf_{width}"] = cka(rbf(x, width), rbf(y, width), cubic)
    for k in KS:
        of_x, of_y = mask(cosines(x), k), mask(cosines(y), k)
        found[f"mutual_knn_{k}"] = (of_x * of_y).sum() / (N * k)
        returned = (of_y @ of_x).diagonal() if cubic else (of_y * of_x.T).sum(axis=1)
        found[f"cycle_knn_{k}"] = (returned > 0).mean()
    return found


def theirs(cubic):
    """Seconds of one pair in our precision, and the scores of the sample in double precision.

    In single precision the definitions lose up to .04 of the score of the widest kernel.
    """
    left, right = make_sides()
    with threadpool_limits(1):
        start = process_time()
        for a, b in SAMPLE:
            pairwise(left[a], right[b], cubic)
        each = (process_time() - start) / len(SAMPLE)
    return each, [pairwise(np.float64(left[a]), np.float64(right[b]), False) for a, b in SAMPLE]


@pytest.mark.parametrize("cubic", [True, False], ids=["dense products", "margins"])
def test_beside_pairwise_definitions(alone, report, cubic):
    _, memory, (seconds, scores) = alone(ours)
    _, _, (each, found) = alone(theirs, cubic)
    name = "products of whole matrices" if cubic else "margins alone"
    note = f"processor time, extrapolated from {len(SAMPLE)} pairs of {each:.2f} s"
    peer = each * LAYERS * REGIONS
    report(f"geometry, 25 metrics, beside pairs by {name}", seconds, peer, memory, note)
    for (a, b), expected in zip(SAMPLE, found, strict=True):
        for metric, value in expected.items():
            assert_allclose(scores[metric][a, b, 0], value, atol=1e-5, err_msg=metric)
    assert not cubic or peer > 100 * seconds
