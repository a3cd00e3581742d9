import numpy as np

from stages.simulate.story.timetable import RUNS, volume_times, word_times


def test_runs_have_half_the_lengths_of_the_release():
    assert len(volume_times()) == 704
    assert len(word_times()) == 2588
    released = np.array([1303, 1351, 1059, 1463])
    assert np.abs([run.n_words for run in RUNS] - released / 2).max() < 2
    assert volume_times()["onset"].tolist() == list(range(0, 1407 + 1, 2))[:704]


def test_first_and_last_volume_with_words_of_every_run():
    words, volumes = word_times(), volume_times()
    for run, expected in enumerate([(10, 172), (10, 178), (10, 142), (10, 192)], start=1):
        start = volumes.loc[volumes["run"] == run, "onset"].iloc[0]
        within = (words.loc[words["run"] == run, "onset"] - start) // 2
        assert (within.iloc[0], within.iloc[-1]) == expected


def test_the_last_volume_with_words_of_every_run_has_three():
    words = word_times()
    counts = np.unique(words["onset"] // 2, return_counts=True)[1]
    assert sorted(set(counts)) == [3, 4]
    assert (counts == 3).sum() == len(RUNS)
    assert len(counts) == 648


def test_words_run_from_20_to_1399_seconds():
    words = word_times()
    assert words["onset"].iloc[0] == 20
    assert words["onset"].iloc[-1] == 1399
    assert np.allclose(words["offset"] - words["onset"], 0.5)


def test_words_and_volumes_of_every_run_one_by_one():
    """Ten volumes before the first word of each run, two words a second."""
    words, volumes, begin = [], [], 0.0
    for run, (n_trs, n_words) in enumerate([(177, 651), (183, 675), (147, 531), (197, 731)], 1):
        volumes += [(run, begin + 2 * k) for k in range(n_trs)]
        words += [(run, begin + 20 + k / 2, begin + 20.5 + k / 2) for k in range(n_words)]
        begin += 2 * n_trs
    assert list(volume_times().itertuples(index=False, name=None)) == volumes
    assert list(word_times().itertuples(index=False, name=None)) == words
