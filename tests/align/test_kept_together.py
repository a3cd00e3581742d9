"""A null of orders that keep together what belongs together is one of no relation."""

import numpy as np
import pytest
from scipy.stats import binom

from stages.align.engine import align

N, REPEATS = 100, 24
NAMES = ["cka_linear", "mutual_knn_5"]


def grouped(seed):
    """Five views of each of twenty objects, in a row."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.standard_normal((N // 5, 10)), 5, axis=0) + rng.normal(0, 0.5, (N, 10))


def filmed(seed):
    """Each frame is like the one before."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((N, 10))
    for row in range(1, N):
        rows[row] = 0.6 * rows[row - 1] + 0.8 * rows[row]
    return rows


@pytest.mark.parametrize(
    ("make", "permute", "block"), [(grouped, "blocks", 5), (filmed, "shifts", 10)]
)
def test_unrelated_stimuli_in_order_are_as_often_significant_as_they_should(make, permute, block):
    """With rows that trade places one by one, nearly all are."""
    sides = [[make([seed, side])] for side in (0, 1) for seed in range(REPEATS)]
    pairs = list(zip(sides[:REPEATS], sides[REPEATS:], strict=True))
    hits = {}
    for kind, size in (("rows", 1), (permute, block)):
        found = [
            align(*pair, NAMES, draws=79, seed=seed, permute=kind, block=size)
            for seed, pair in enumerate(pairs)
        ]
        hits[kind] = {name: sum(one[name].p.item() <= 0.05 for one in found) for name in NAMES}
    for name in NAMES:
        assert hits["rows"][name] > 0.75 * REPEATS
        assert hits[permute][name] <= binom.ppf(0.999, REPEATS, 0.06)


@pytest.mark.parametrize(("permute", "block"), [("blocks", 5), ("shifts", 10)])
def test_what_is_planted_is_found(permute, block):
    one = grouped(0)
    other = one + 0.5 * np.random.default_rng(1).standard_normal(one.shape)
    found = align([one], [other], NAMES, draws=79, seed=0, permute=permute, block=block)
    for score in found.values():
        assert score.drawn.all()
        assert score.p.item() == 1 / 80
        assert score.z.item() > 3
