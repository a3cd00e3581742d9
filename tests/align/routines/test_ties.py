"""Ties fall by chance, in an order of the representation's own that goes with its rows."""

import hashlib
import struct
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binom

from stages.align.engine import align, measure
from stages.align.representation import Dissimilarities
from stages.align.routines.neighbours import find_neighbours
from stages.align.routines.ties import Ties, name_numbers
from stages.core.run.errors import InputError
from tests.conftest import PROJECT

N, K = 60, 10
NAMED = name_numbers([f"image {number}" for number in range(N)])
SETS = [f"mutual_knn_{K}", f"cycle_knn_{K}", f"cknna_{K}"]
NAMES = [f"mutual_knn_{K}", f"cycle_knn_{K}", f"lcs_knn_{K}", f"edit_knn_{K}"]
ROWS = [f"image {number}" for number in range(N)]


def rated(rng):
    """Pairs of images judged on a scale of three."""
    upper = np.triu(rng.integers(1, 4, (N, N)), 1)
    return Dissimilarities((upper + upper.T).astype(float))


def labelled(rng):
    """Six labels, so that most rows are the same."""
    return rng.standard_normal((6, 20))[rng.integers(0, 6, N)]


def scaled(rng):
    """Images judged on three scales of three steps."""
    return rng.integers(1, 4, (N, 3)).astype(float)


COARSE = [rated, labelled, scaled]


def moved(one, order):
    if isinstance(one, Dissimilarities):
        return Dissimilarities(one.values[np.ix_(order, order)])
    return one[order]


def scores(one, other, names, backend, rows=None):
    found = measure([one], [other], names, np.arange(N)[None], backend, rows=rows)
    return np.array([found[name].item() for name in names])


def mixed(number):
    """Finaliser of SplitMix64 (Steele, Lea & Flood 2014), in whole numbers."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        number = (number ^ (number >> shift)) * factor % 2**64
    return number ^ (number >> 31)


def bits(value):
    return int.from_bytes(struct.pack("<d", value), "little")


def digested(own, names=None):
    """Numbers of rows from what is in them: with names; equal ones are counted."""
    each = own if names is None else [int(one) for one in names]
    each = [one + mixed(each[:place].count(one)) for place, one in enumerate(each)]
    whole = mixed(sum(map(mixed, own)) % 2**64)
    return [mixed(whole ^ mixed(one % 2**64)) for one in each]


def test_the_finaliser_is_that_of_splitmix64():
    """First numbers of the generator from seed 1234567, as published with it."""
    step = 0x9E3779B97F4A7C15
    found = [mixed((1234567 + step * count) % 2**64) for count in (1, 2, 3)]
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_rows_of_features_are_digested_the_same_on_every_machine(rng, kind, named):
    """More rows than are digested at once, some of them equal, and zeros of either sign."""
    features = rng.integers(-2, 3, (70, 3)).astype(kind) / 3
    features[4, 0], features[66] = -0.0, features[3]
    names = name_numbers([f"row {place // 2}" for place in range(70)]) if named else None
    own = []
    for row in features.tolist():
        numbers = [bits(value + 0.0) for value in row]
        terms = [(one ^ one >> 32) * mixed(place + 1) for place, one in enumerate(numbers)]
        own.append(sum(terms) % 2**64)
    assert Ties(features, names, 0.0).rows.tolist() == digested(own, names)


def test_rows_of_dissimilarities_are_digested_whatever_the_order_of_others(rng):
    values = rated(rng).values[:9, :9]
    first = [sum(mixed(bits(value)) for value in row) % 2**64 for row in values]
    own = [
        sum(mixed(bits(value) ^ mixed(other)) for value, other in zip(row, first, strict=True))
        % 2**64
        for row in values
    ]
    assert Ties(Dissimilarities(values), None, 0.0).rows.tolist() == digested(own)


def test_pairs_of_rows_have_a_number_from_either(rng):
    ties = Ties(rng.standard_normal((5, 2)), None, 0.0)
    numbers = ties.rows.tolist()
    found = ties.keys(np.arange(5)[:, None], np.arange(5))
    assert found.tolist() == [[mixed(one ^ mixed(other)) for other in numbers] for one in numbers]


def test_names_are_digested_from_their_bytes():
    digest = hashlib.blake2b("Bär".encode(), digest_size=8).digest()
    assert name_numbers(["Bär"]).tolist() == [sum(one << 8 * k for k, one in enumerate(digest))]
    assert name_numbers(["Bär"]).dtype == np.uint64


def test_equals_are_put_in_the_order_of_their_numbers_and_others_stay(rng):
    """Within a slack of the first of their group, inclusive; what is infinite has no equals."""
    ties = Ties(rng.standard_normal((9, 2)), None, 0.5)
    rows, inf = np.array([8, 2, 5]), np.inf
    columns = np.array([[0, 1, 2, 3, 4, 5], [1, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 6]])
    values = np.array([[1, 1.5, 2, 2.25, 3, 3.5], [1, 2, 3, 4, inf, inf], [0, 1, 1.25, 3, 3, inf]])
    before, nears = columns.copy(), values.copy()
    places, groups = ties.sort(rows, columns, values)
    assert places.tolist() == [0, 2]
    assert groups.tolist() == [[0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 3]]
    assert columns[1].tolist() == before[1].tolist()
    for place, group in zip(places, groups, strict=True):
        keys = ties.keys(rows[[place]], before[place]).tolist()
        order = sorted(range(6), key=lambda k, keys=keys, group=group: (group[k], keys[k]))
        assert columns[place].tolist() == before[place][order].tolist()
        assert values[place].tolist() == nears[place][order].tolist()
    assert not np.array_equal(columns, before)


def test_where_nothing_is_equal_nothing_moves(rng):
    ties = Ties(rng.standard_normal((4, 2)), None, 0.1)
    columns, values = np.array([[1, 2, 3]]), np.array([[1.0, 2, 3]])
    places, groups = ties.sort(np.array([0]), columns, values)
    assert len(places) == 0
    assert groups.shape == (0, 3)
    assert columns.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("make", COARSE)
def test_unrelated_coarse_ratings_are_significant_no_more_often_than_chance(make):
    """With ties for the first row on both sides, z was 5 and p below .05 in every case."""
    sides = [[make(np.random.default_rng([seed, side])) for seed in range(15)] for side in (0, 1)]
    found = align(*sides, NAMES, draws=99, seed=0, rows=ROWS)
    for name, score in found.items():
        hits = int((score.p <= 0.05).sum())
        # All pairs of 15 and 15; those that share a side are related, hence the wide interval.
        assert hits <= binom.ppf(0.9999, score.p.size, 0.06), name
        assert abs(score.z.mean()) < 0.35, name


@pytest.mark.parametrize("make", COARSE)
def test_a_coarse_rating_aligns_with_itself_as_well_as_can_be(rng, exact, make):
    one = make(rng)
    assert_allclose(scores(one, one, NAMES[2:], exact, ROWS), 1)


@pytest.mark.parametrize("make", COARSE)
def test_the_order_of_named_rows_does_not_matter(rng, exact, make):
    one, other, order = make(rng), make(rng), rng.permutation(N)
    names = NAMES if make is rated else NAMES + SETS[2:]
    before = scores(one, other, names, exact, ROWS)
    after = scores(moved(one, order), moved(other, order), names, exact, [ROWS[k] for k in order])
    assert_allclose(after, before, atol=1e-12)
    assert not np.allclose(scores(one, other, names, exact, ROWS[::-1]), before)


def test_nor_does_it_without_names_where_rows_differ(rng, exact):
    one, other, order = rated(rng), rated(rng), rng.permutation(N)
    before = scores(one, other, NAMES, exact)
    assert_allclose(scores(moved(one, order), moved(other, order), NAMES, exact), before)


def test_ties_make_no_hubs(rng, exact):
    """One order for all rows would make the first of it the neighbours of all."""
    found = find_neighbours(Dissimilarities(np.ones((N, N)) - np.eye(N)), K, "x", exact)
    counts = np.bincount(found.rows.ravel(), minlength=N)
    assert counts.max() < binom.ppf(0.9999, N - 1, K / (N - 1))
    assert counts.min() > 0


def test_keys_tell_pairs_representations_and_names_apart(rng):
    one, other = rated(rng), rated(rng)
    pairs = np.arange(N)[:, None], np.arange(N)
    keys = Ties(one, None, 0.0).keys(*pairs)
    assert len(np.unique(keys)) == N * N
    for ties in (Ties(other, None, 0.0), Ties(one, NAMED, 0.0)):
        assert not np.intersect1d(keys, ties.keys(*pairs)).size
    assert abs(np.corrcoef(keys.ravel(), keys.T.ravel())[0, 1]) < 0.06


def test_precision_and_the_sign_of_zero_do_not_matter():
    rows = np.array([[0.0, 1], [0.5, 2], [-0.0, 1]])
    keys = Ties(rows, NAMED[:3], 0.0).rows
    assert_array_equal(Ties(rows.astype(np.float32), NAMED[:3], 0.0).rows, keys)
    assert_array_equal(Ties(rows * [[-1, 1]] + [[0.0, 0]], NAMED[:3], 0.0).rows == keys, False)
    assert_array_equal(Ties(np.abs(rows), NAMED[:3], 0.0).rows, keys)


def test_numbers_that_differ_by_rounding_are_tied(rng, exact):
    """Else rows that are as near would come in whatever order sums are taken in."""
    one, order = scaled(rng), rng.permutation(3)
    here, there = (find_neighbours(rows, K, "x", exact, NAMED) for rows in (one, one + 0.0))
    assert_array_equal(here.rows, there.rows)
    ties = Ties(one, NAMED, 1e-12)
    columns, values = np.array([[4, 2, 7, 1]]), np.array([[0.1, 0.1 + 1e-14, 0.2, 0.3]])
    ties.sort(np.array([0]), columns, values)
    first = ties.keys(np.array([0]), np.array([4])) < ties.keys(np.array([0]), np.array([2]))
    assert columns[0].tolist() == ([4, 2, 7, 1] if first else [2, 4, 7, 1])
    turned = find_neighbours(one[:, order], K, "x", exact, NAMED)
    unit = one / np.linalg.norm(one, axis=1, keepdims=True)
    near = np.sort(unit @ unit.T - 2 * np.eye(N))[:, -K:][:, ::-1]
    for found in (here, turned):
        assert_allclose(found.likeness, near, atol=1e-12)


def test_another_process_finds_the_same():
    """Digests are of bytes: Python's own hashes differ from one process to the next."""
    code = (
        "import numpy as np\n"
        "from stages.align.routines.ties import Ties, name_numbers\n"
        "print(*Ties(np.arange(12.0).reshape(4, 3), name_numbers('abcd'), 0.0).rows)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    keys = Ties(np.arange(12.0).reshape(4, 3), name_numbers("abcd"), 0.0).rows
    assert run.stdout.split() == [str(key) for key in keys]


def test_rows_of_the_same_name_are_told_apart(rng):
    one = scaled(rng)
    twice = name_numbers([f"image {number // 2}" for number in range(N)])
    assert len(set(Ties(one, twice, 0.0).rows)) == N


def test_names_of_other_rows_are_refused(rng, exact):
    with pytest.raises(InputError, match="names of other rows in rows: expected 60, got 59"):
        scores(rated(rng), rated(rng), NAMES, exact, ROWS[1:])
    with pytest.raises(InputError, match="names of other rows in rows: expected 60, got 59"):
        align([rated(rng)], [rated(rng)], NAMES, draws=9, seed=0, rows=ROWS[1:])
