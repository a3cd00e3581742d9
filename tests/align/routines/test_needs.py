"""Bytes of each routine, counted array by array for representations of known shapes."""

import numpy as np
import pytest

from stages.align.representation import Deferred, Dissimilarities
from stages.align.routines import needs
from stages.align.routines.needs import (
    Need,
    check_memory,
    cycle_need,
    finding_need,
    is_searched,
    kernel_need,
    leading_need,
    lists,
    local_need,
    most_needed,
    prepared,
    rsa_need,
    sequence_need,
    sets_need,
    size_at_hand,
    size_beside,
    size_of,
    tied_need,
)
from stages.align.routines.tiles import cut_tiles
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend

N = 100
SINGLE = make_backend(None, "float32", 10**9)


def features(width, n=N):
    return np.zeros((n, width), np.float32)


def read(width, beside=0):
    return Deferred((N, width), lambda: features(width), beside)


SQUARE = Dissimilarities(np.zeros((N, N), np.float32))
LEFT, RIGHT = [features(30), features(200)], [features(50)]
# 16 bytes of 256 rows at most are in double precision twice; distances in place of wide features.
FEATURES = {30: N * 30 * 4, 50: N * 50 * 4, 200: N * 200 * 4}
KEPT = N * N * 4
MADE = {width: 16 * N * width for width in FEATURES}


def asked(*names):
    return [parse_metric(name, N) for name in names]


def test_sizes_of_what_is_held_read_or_a_matrix():
    assert size_of(features(30)) == size_of(read(30)) == (N, 30)
    assert size_of(SQUARE) == (N, None)
    assert [size_beside(one) for one in (features(30), SQUARE, read(30, 77))] == [
        *(12_000, 40_000, 77)
    ]
    assert [size_at_hand(one) for one in (features(30), SQUARE, read(30))] == [0, 0, 12_000]


@pytest.mark.parametrize(
    ("left", "right", "orders", "kept", "making"),
    [
        (LEFT, RIGHT, 1, FEATURES[30] + KEPT + FEATURES[50], MADE[200] + FEATURES[200]),
        ([features(30)], RIGHT, 1, FEATURES[30] + FEATURES[50], MADE[50]),
        # In several orders distances are kept of half as many units, of the left side alone.
        ([features(50)], RIGHT, 2, KEPT + FEATURES[50], MADE[50] + FEATURES[50]),
        (RIGHT, [features(50)], 2, KEPT + FEATURES[50], MADE[50] + FEATURES[50]),
        ([SQUARE], RIGHT, 1, KEPT + FEATURES[50], MADE[50]),
        ([SQUARE], [features(30)], 1, KEPT + FEATURES[30], 8 * N * N),
        ([read(200)], RIGHT, 1, KEPT + FEATURES[50], MADE[200] + 2 * FEATURES[200]),
        ([features(10, 300)], [], 1, 300 * 10 * 4, 16 * 256 * 10),
        ([], [], 1, 0, 0),
    ],
)
def test_what_is_prepared_and_the_largest_making(left, right, orders, kept, making):
    assert prepared(left, right, orders, 4) == kept + making


def test_kernels_of_each_width_are_counted_once():
    """Sums of two kinds of each kernel, scores in double precision, and a sample for medians."""
    metrics = asked("cka_linear", "cka_linear_biased", "cka_rbf_1", "cka_rbf_0.5")
    found = kernel_need(LEFT, RIGHT, metrics, 2, SINGLE)
    sums, scores, median = 3 * 3 * N * (4 + 8), 3 * 2 * (2 * 1) * 8, N * N * 4
    assert found.fixed == prepared(LEFT, RIGHT, 2, 4) + sums + scores + median
    assert found.each == N * 4 * (3 * 3 + 4)
    wide = [features(3, 1200)]
    alone = kernel_need(wide, wide, asked("cka_linear"), 1, SINGLE)
    one = prepared(wide, wide, 1, 4)
    assert alone.fixed == one + 2 * 1200 * 12 + 8 + 1000**2 * 4


@pytest.mark.parametrize("name", ["rsa_pearson", "rsa_spearman"])
def test_ranks_take_tables_and_two_more_rows(name):
    found = rsa_need(LEFT, RIGHT, *asked(name), 2, SINGLE)
    fixed = prepared(LEFT, RIGHT, 2, 4) + FEATURES[200] + 2 * 2 * 8
    each = N * (4 * (3 + 3) + 8)
    if name == "rsa_spearman":
        fixed, each = fixed + (N * (N - 1) // 2) * (4 * 3 + 4 * 8), each + N * 16
    assert (found.fixed, found.each) == (fixed, each)
    both = most_needed(LEFT, RIGHT, asked("rsa_spearman", "rsa_pearson"), 2, SINGLE)
    assert both == rsa_need(LEFT, RIGHT, *asked("rsa_spearman"), 2, SINGLE)
    square = rsa_need([SQUARE], [SQUARE], *asked("rsa_pearson"), 1, SINGLE)
    assert square.fixed == 2 * KEPT + 8 * N * N + 8


@pytest.mark.parametrize(
    ("one", "rows"),
    [
        (features(30), N * 31 * 4 + MADE[30]),
        (read(30), N * 31 * 4 + MADE[30] + FEATURES[30]),
        (SQUARE, KEPT),
    ],
)
def test_a_search_holds_its_rows_and_the_lists_of_one(one, rows):
    """Of a row, distances twice and a mask; of eight times k candidates, five whole numbers."""
    found = finding_need(one, 5, SINGLE)
    assert found.fixed == rows + N * 5 * 8
    assert found.each == N * 9 + 40 * 44
    assert finding_need(one, 20, SINGLE).each == N * 9 + N * 44
    assert lists(N, 5, 3, 8) == 3 * N * 5 * 12


def test_sets_are_bits_in_words_of_64():
    for n, words in ((64, 1), (65, 2), (100, 2), (300, 5)):
        found = sets_need(n, 5, 2, 3, SINGLE)
        bits = n * words * 8
        assert found.each == 2 * bits + n * 16 + n * 5
        assert found.fixed == bits + min(n, 256) * words * 64 + n * 5 * 32


def test_arrows_are_looked_for_where_sets_are_sparse():
    assert [is_searched(n, 2) for n in (255, 256, 257)] == [False, False, True]
    assert cycle_need(256, 2, 1, 1, SINGLE) == sets_need(256, 2, 1, 1, SINGLE)
    found = cycle_need(257, 2, 1, 1, SINGLE)
    arrows = 257 * 2 * 8
    assert (found.each, found.fixed) == (9 * arrows + 257, 8 * arrows)


def test_other_comparisons_of_neighbours():
    local = local_need(N, 5, 2, 3, SINGLE)
    assert local.each == N * 5 * 80 + N * 24
    assert local.fixed == 2 * 5 * N * 5 * (4 + 12)
    sequence = sequence_need(N, 5, 2, 3, SINGLE)
    assert (sequence.each, sequence.fixed) == (N * 18 * 8, 0)
    tied = tied_need(7, 3)
    assert (tied.each, tied.fixed) == (8 * 12 * 3, 12 * 7)


def test_leading_directions():
    """Centred rows twice and three matrices of the smaller side; ten directions, twice if left."""
    found = leading_need([features(30), read(200, 9)], RIGHT, SINGLE)
    making = {width: 2 * N * width + 3 * min(N, width) * N for width in (30, 50, 200)}
    assert found.each == 8 * (making[200] + N * 10 * (2 * 2 + 1)) + FEATURES[200]
    assert found.fixed == 0


def test_least_is_what_is_fixed_and_one():
    assert Need("what", 3, 10).least == 13


def refused(names, rows=1, held=0, left=LEFT, right=RIGHT):
    """Bytes that are asked for where there are too few."""
    few = make_backend(None, "float32", 10)
    with pytest.raises(InputError, match=r"at least (\d+) bytes") as told:
        check_memory(left, right, asked(*names), 1, few, held=held, rows=rows)
    return int(str(told.value).split("at least ")[1].split(" bytes")[0])


def test_what_is_held_besides_and_room_for_rows_are_asked_for():
    need = kernel_need(LEFT, RIGHT, asked("cka_linear"), 1, SINGLE)
    rsa = rsa_need(LEFT, RIGHT, *asked("rsa_pearson"), 1, SINGLE)
    for rows, times in ((1, 1), (7, 7), (N, N), (5 * N, N)):
        assert refused(["cka_linear"], rows=rows) == need.fixed + times * need.each
        assert refused(["rsa_pearson"], rows=rows) == rsa.fixed + times * rsa.each
    assert refused(["cka_linear"], held=1000) == need.least + 1000
    assert refused(["svcca"]) == leading_need(LEFT, RIGHT, SINGLE).least


@pytest.mark.parametrize("name", needs.COMPARING)
def test_lists_of_all_are_kept_while_one_is_found_or_compared(name):
    metrics = asked(f"{name}_5", "mutual_knn_3")
    kept = 3 * N * 5 * 8
    finding = max(
        finding_need(one, 5, SINGLE).fixed + 9 * finding_need(one, 5, SINGLE).each
        for one in (*LEFT, *RIGHT)
    )
    comparing = needs.COMPARING[name](N, 5, 2, 1, SINGLE).least
    found = refused([one.name for one in metrics], rows=9)
    assert found == kept + max(finding, comparing)
    small = [features(2)]
    found = refused([f"{name}_40"], left=small * 2, right=small)
    of_one = finding_need(small[0], 40, SINGLE).least
    assert found == 3 * N * 40 * 8 + max(of_one, needs.COMPARING[name](N, 40, 2, 1, SINGLE).least)


def test_one_representation_of_a_side_and_one_row_are_enough():
    """Of what is held besides, and of rows at once, nothing is said."""
    one, few = [features(50)], make_backend(None, "float32", 10)
    for name, need in (
        ("svcca", leading_need(one, one, SINGLE)),
        ("cka_linear", kernel_need(one, one, asked("cka_linear"), 1, SINGLE)),
    ):
        with pytest.raises(InputError, match=f"at least {need.least} bytes"):
            check_memory(one, one, asked(name), 1, few)


def test_pairs_are_cut_into_one_tile_where_all_fit():
    need = Need("a row", 8, 100)
    assert need.blocks(10, SINGLE) == [slice(0, 10)]
    assert need.tiles(10, SINGLE) == cut_tiles(10, 10)
