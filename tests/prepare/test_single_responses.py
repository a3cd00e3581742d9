import numpy as np

from stages.prepare.single_responses import kept_single, single_places


def test_places_by_a_loop(rng):
    rows, repeated = rng.integers(0, 6, 40), np.array([1, 2, 5])
    seen, expected = dict.fromkeys(range(6), 0), []
    for row in rows:
        at = list(repeated).index(row) if row in repeated else None
        kept = at is not None and seen[row] < 3
        expected.append(seen[row] * 3 + at if kept else -1)
        seen[row] += 1
    assert single_places(rows, repeated).tolist() == expected
    assert expected.count(-1) > 20
    assert sorted(set(expected)) == list(range(-1, 9))


def test_the_first_three_responses_are_kept_of_what_was_met_three_times(rng):
    shown = np.array([2, 0, 2, 1, 0, 2, 2, 3, 0, 1])
    trials = rng.normal(size=(10, 2))
    often, single = kept_single(trials, shown)
    assert often.tolist() == [True, False, True, False]
    np.testing.assert_allclose(single, trials[[1, 0, 4, 2, 8, 5]], rtol=1e-6)
    assert single.dtype == np.float32


def test_without_such_stimuli_nothing_is_kept(rng):
    often, single = kept_single(rng.normal(size=(4, 2)), np.array([0, 1, 0, 1]))
    assert often.tolist() == [False, False]
    assert single is None
