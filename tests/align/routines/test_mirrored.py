"""Half of the distances are made, and the other half is theirs."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.routines import neighbours
from stages.align.routines.mirrored import WIDE, far_from_all, mirrored
from stages.align.routines.needs import finding_need
from stages.align.routines.neighbours import find_neighbours
from stages.core.stats.backend import FEWEST_ROWS, make_backend

MEMORY = 2**26


@pytest.mark.parametrize("n", [5, 256, 700])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_mirror_is_what_a_product_of_all_makes(rng, n, dtype):
    source = rng.standard_normal((n, 30)).astype(dtype)
    source[:, -1] = np.square(source[:, :-1]).sum(axis=1) / 2
    assert_allclose(
        mirrored(source), far_from_all(source, source), atol=60 * np.finfo(dtype).eps * 30
    )


@pytest.mark.parametrize("width", [WIDE - 1, WIDE])
def test_neighbours_are_those_of_blocks_and_memory_decides(rng, monkeypatch, width):
    rows, made = rng.standard_normal((2 * FEWEST_ROWS, width)) + 3, []
    monkeypatch.setattr(neighbours, "mirrored", lambda rows: made.append(1) or mirrored(rows))
    backend = make_backend(None, "float64", MEMORY)
    whole = find_neighbours(rows, 7, "x", backend)
    assert len(made) == (width + 1 > WIDE)
    need = finding_need(rows, 7, backend)
    little = need.fixed + FEWEST_ROWS * need.each + 8 * len(rows) ** 2 - 1
    blocks = find_neighbours(rows, 7, "x", replace(backend, memory=little))
    assert len(made) == (width + 1 > WIDE)
    assert_array_equal(blocks.rows, whole.rows)
    assert_allclose(blocks.likeness, whole.likeness, atol=1e-12)
    naive = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    likeness = naive @ naive.T - 2 * np.eye(len(rows))
    assert_array_equal(whole.rows, np.argsort(-likeness, axis=1)[:, :7])
