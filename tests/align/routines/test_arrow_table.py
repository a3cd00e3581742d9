"""Arrows with the same ends are found as by looking at every pair of them."""

import numpy as np
import pytest

from stages.align.routines.arrow_table import arrow_keys, arrow_table
from stages.align.routines.arrows import Arrows


def test_arrows_of_the_same_ends_are_found_like_by_every_pair(rng):
    """Of three representations, one of which has none; the others' keys lie inside and outside."""
    keys = [rng.choice(np.arange(5, 40), 12, False), np.empty(0, int), rng.choice(50, 30, False)]
    every = np.concatenate(keys)
    whose = np.repeat(np.arange(3), [12, 0, 30])
    others = rng.permutation(np.r_[-3, rng.choice(60, 20), every[:5], 99])
    table = arrow_table(keys)
    mine, theirs = table.shared(others)
    found = sorted(zip(mine, table.order[theirs], table.whose[theirs], strict=True))
    expected = [
        (place, at, whose[at])
        for place, key in enumerate(others)
        for at, other in enumerate(every)
        if key == other
    ]
    assert found == expected


@pytest.mark.parametrize("back", [False, True])
def test_keys_name_one_arrow_each(back):
    source, target = (ends.ravel() for ends in np.divmod(np.arange(12), 4))
    keys = arrow_keys(Arrows(source, target, np.ones(12)), 4, back=back)
    first, second = (target, source) if back else (source, target)
    assert keys.tolist() == [4 * a + b for a, b in zip(first, second, strict=True)]
