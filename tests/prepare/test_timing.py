import numpy as np

from stages.prepare.timing import scan_of_word

# Scans and words of each run in the release of Wehbe et al.
RUNS = ((340, 1303), (352, 1351), (279, 1059), (380, 1463))


def test_counts_of_the_release():
    firsts = 2.0 * np.cumsum([0, 340, 352, 279])
    onsets = np.concatenate(
        [
            first + 20 + 0.5 * np.arange(words)
            for first, (_, words) in zip(firsts, RUNS, strict=True)
        ]
    )
    assert (len(onsets), onsets[-1]) == (5176, 2693.0)
    scan = scan_of_word(onsets, 2.0 * np.arange(1351), 2.0)
    shown, counts = np.unique(scan, return_counts=True)
    assert len(shown) == 1295
    assert np.bincount(counts).tolist() == [0, 0, 0, 4, 1291]
    assert shown[0] == 10
    assert (shown[np.flatnonzero(counts == 3)] - firsts / 2).tolist() == [335, 347, 274, 375]
    by_reshape = np.repeat(np.arange(1294), 4)
    assert (np.searchsorted(shown, scan) != by_reshape).mean() > 0.3


def test_a_word_on_the_edge_belongs_to_the_scan_that_begins():
    assert scan_of_word(np.array([2.0, 3.999, 4.0 - 1e-9]), np.arange(4) * 2.0, 2.0).tolist() == [
        1,
        1,
        2,
    ]


def test_words_outside_every_scan():
    scans = np.array([10.0, 12.0, 30.0, 32.0])
    words = np.array([9.0, 10.0, 13.9, 14.0, 29.0, 33.9, 34.0])
    assert scan_of_word(words, scans, 2.0).tolist() == [-1, 0, 1, -1, -1, 3, -1]


def test_against_a_search_one_by_one(rng):
    scans = np.cumsum(rng.uniform(2, 5, 50))
    words = rng.uniform(0, scans[-1] + 5, 400)
    expected = [
        next((k for k, scan in enumerate(scans) if scan <= word < scan + 2), -1) for word in words
    ]
    assert scan_of_word(words, scans, 2.0).tolist() == expected
