"""Nulls in closed form against draws: z, p at what the draws reach, and seconds of one pair.

Processor time of one thread. The draws are 100,000 permutations of measured dissimilarities of 92
images (Kriegeskorte et al. 2008), and 20,000 of 400 stimuli that share a latent space.
"""

from time import process_time

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.io import loadmat
from threadpoolctl import threadpool_limits

from stages.align.engine import measure
from stages.align.representation import Dissimilarities
from stages.align.routines.row_pairs import row_pairs
from stages.core.names.metrics import parse_metric
from stages.core.stats.backend import make_backend
from tests.align.nulls.matrices import closed_null, compared
from tests.benchmarks.conftest import peak_memory

pytestmark = pytest.mark.benchmark

BACKEND = make_backend(None, "float64", 2**28)
LEVELS = np.array([0.05, 0.01, 0.001, 0.0001])
FORMS = {
    "rsa_pearson": "pairs",
    "cka_linear": "off-diagonal",
    "cka_linear_biased": "double-centred",
}


@pytest.fixture
def people(mirror):
    sessions = loadmat(mirror / "kriegeskorte2008" / "92_brainRDMs.mat")["RDMs"]["RDM"][0]
    return [Dissimilarities(np.mean([*row], axis=0)) for row in sessions[2:]]


@pytest.fixture
def views(rng):
    latent = rng.standard_normal((400, 20)) * np.arange(1, 21) ** -0.5
    return [
        latent @ rng.standard_normal((20, p)) + 3 * rng.standard_normal((400, p))
        for p in (300, 200)
    ]


def drawn(sides, name, draws, rng):
    """Scores of one pair by the product of textbook matrices, in single precision."""
    metric = parse_metric(name)
    centred = []
    for one in sides:
        (pairs,) = row_pairs(one, [metric], "x", BACKEND).values()
        values = pairs.sub(np.arange(pairs.n))
        if name == "rsa_pearson":
            values = values - values.sum() / (pairs.n * (pairs.n - 1))
        centred.append(compared(values, FORMS[name]).astype(np.float32))
    one, other = centred[0], centred[1].ravel()
    orders = (rng.permutation(len(one)) for _ in range(draws))
    return np.array([one[order][:, order].ravel() @ other for order in orders])


def compare(sides, name, draws, report, rng):
    score = measure([sides[0]], [sides[1]], [name], np.arange(len(rows(sides)))[None], BACKEND)
    score = float(score[name].squeeze())
    with threadpool_limits(1):
        start = process_time()
        null = closed_null(*sides, name, score, BACKEND)
        ours = process_time() - start
        start = process_time()
        values = drawn(sides, name, draws, rng)
        theirs = process_time() - start
    z = (score - null.mean[0, 0]) / null.sd[0, 0], (score - values.mean()) / values.std()
    reached = np.quantile(values, 1 - LEVELS)
    ratios = (
        np.array([closed_null(*sides, name, each, BACKEND).p[0, 0] for each in reached]) / LEVELS
    )
    told = ", ".join(
        f"{ratio:.2f} at {level:g}" for ratio, level in zip(ratios, LEVELS, strict=True)
    )
    note = f"{draws} draws; z {z[0]:.2f} and {z[1]:.2f}; p over that of the draws {told}"
    report(f"null of {name}, n = {len(rows(sides))}", ours, theirs, peak_memory(), note)
    assert null.trusted.all()
    assert_allclose(*z, rtol=0.03)
    assert_allclose(ratios[:3], 1, atol=0.3)


def rows(sides):
    return getattr(sides[0], "values", sides[0])


@pytest.mark.parametrize("name", FORMS)
def test_measured_dissimilarities(people, report, rng, name):
    compare(people, name, 100_000, report, rng)


@pytest.mark.parametrize("name", ["cka_linear", "cka_linear_biased"])
def test_features(views, report, rng, name):
    compare(views, name, 20_000, report, rng)
