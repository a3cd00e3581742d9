import numpy as np
import pytest

from stages.core.regression.block_orders import Block
from stages.core.regression.folds import Split
from stages.core.regression.known import fit_known
from stages.core.regression.left_over import DRAWS, LeftOver, sum_of_rows


@pytest.mark.parametrize("n", [1, DRAWS, DRAWS + 1, 2 * DRAWS + 5])
def test_rows_are_added_up_draw_by_draw(rng, n):
    tables = [
        (rng.normal(size=(k, 4)).astype(np.float32), rng.integers(0, k, n)) for k in (7, 5, 9)
    ]
    expected = np.zeros((n, 4))
    for table, drawn in tables:
        expected += table[drawn]
    np.testing.assert_allclose(sum_of_rows(tables), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("fold", [0, 1])
def test_what_is_known_is_taken_out_of_every_shifted_response(rng, fold):
    """The last block is not trained on, as where a gap takes it whole."""
    rows = [np.arange(0, 20), np.arange(20, 36), np.arange(36, 40)]
    split = Split(train=rows[1 - fold][2:], test=rows[fold])
    nuisance, y = rng.normal(size=(40, 3)), rng.normal(size=40)
    blocks = [
        Block(own, np.stack([np.roll(own, shift) for shift in range(4)]), rng.integers(0, 4, 9))
        for own in rows
    ]
    known = fit_known(nuisance, split)
    left = LeftOver(known, blocks, fold)([y[block.orders].astype(np.float32) for block in blocks])
    assert left.shape == (9, len(rows[fold]))
    for draw in range(9):
        moved = np.concatenate([y[block.orders[block.drawn[draw]]] for block in blocks])
        design = np.column_stack([np.ones(40), nuisance])
        weights = np.linalg.lstsq(design[split.train], moved[split.train])[0]
        expected = moved[split.test] - design[split.test] @ weights
        np.testing.assert_allclose(left[draw], expected, atol=1e-4)
