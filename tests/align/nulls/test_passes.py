"""Passes over kernels and dissimilarities in tiles, against whole matrices."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from stages.align.nulls.passes import centred_distances, centred_kernels, form_of, pass_distances
from stages.align.routines.chains import chain
from stages.align.routines.dissimilarity import distances_by_kind
from stages.align.routines.kernel_blocks import make_side
from stages.align.routines.tiles import cut_tiles
from stages.core.names.metrics import parse_metric
from tests.align.naive import rbf, rdm
from tests.align.nulls.matrices import u_centred

N = 23


def test_forms():
    assert form_of(parse_metric("cka_linear_biased")) == "double-centred"
    assert form_of(parse_metric("cka_linear")) == "off-diagonal"


@pytest.mark.parametrize("height", [5, 23])
def test_dissimilarities_and_ranks_in_one_pass(rng, exact, height):
    rows = rng.standard_normal((N, 6))
    metrics = [parse_metric(name) for name in ("rsa_spearman_euclidean", "rsa_pearson_euclidean")]
    each = distances_by_kind(rows, metrics, "x", exact)
    found = pass_distances(each, cut_tiles(N, height))
    d = rdm(rows, "euclidean")
    whole = {False: squareform(d), True: squareform(rankdata(d) / len(d))}
    for kind, sums in found.items():
        matrix, one = whole[kind], centred_distances(each[kind], sums)
        # Distances are known but for a factor, ranks are shares of all.
        factor = np.sqrt(one.square / (u_centred(matrix) ** 2).sum())
        if kind:
            assert_allclose(factor, 1, rtol=1e-6)
        matrix = matrix * factor
        off = (matrix - one.margin[:, None] - one.margin) * (1 - np.eye(N))
        assert_allclose(off, u_centred(matrix), atol=1e-7)
        assert_allclose(one.level, matrix.sum() / np.sqrt(N * (N - 1)), rtol=1e-7)
        assert np.abs(u_centred(matrix)).max() <= one.most + 1e-9


def test_kernels_are_centred_from_the_sums_of_a_side(rng, exact):
    views = [rng.standard_normal((N, 6)) + 2, rng.standard_normal((N, 3))]
    metrics = [parse_metric(name) for name in ("cka_rbf_1", "cka_rbf_1_biased")]
    side = make_side(
        "left", views, chain(metrics), orders=1, largest=N * N, backend=exact, squares=True
    )
    for tile in cut_tiles(N, 7):
        side.fill(tile)
    for place, view in enumerate(views):
        found, kernel = centred_kernels(side, place, metrics), rbf(view, 1)
        centring = np.eye(N) - 1 / N
        whole = ((centring @ kernel @ centring) ** 2).sum()
        plain, biased = found["cka_rbf_1"], found["cka_rbf_1_biased"]
        # Kernels are known but for a factor.
        factor = (biased.level**2 + biased.square + (biased.effects**2).sum()) / whole
        expected = (u_centred(kernel) ** 2).sum()
        for one in (plain, biased):
            assert_allclose(one.square / factor, expected, rtol=1e-7)
            assert np.abs(u_centred(kernel)).max() * np.sqrt(factor) <= one.most + 1e-9
        ratio = np.trace(centring @ kernel) / np.sqrt(N - 1)
        assert_allclose(biased.level / np.sqrt(factor), ratio, rtol=1e-7)
        assert plain.level == 0
