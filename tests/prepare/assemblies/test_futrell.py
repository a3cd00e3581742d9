"""Reading times: the mean reader and the agreement of halves, by loops."""

import logging
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.assemblies import futrell
from stages.prepare.assemblies.futrell import load_futrell, mean_reader, split_half_agreement
from stages.prepare.assemblies.netcdf import Assembly


def by_loops(times, fewest=10):
    """Mean over 50 halvings of the correlation of the logarithms of both halves' mean times."""
    rng, found = np.random.default_rng(0), []
    for _ in range(50):
        order = rng.permutation(times.shape[1])
        middle = -(-len(order) // 2)
        sums = []
        for word in times:
            parts = [
                [word[reader] for reader in half if np.isfinite(word[reader])]
                for half in (order[:middle], order[middle:])
            ]
            if all(parts):
                sums.append([np.log(sum(part) / len(part)) for part in parts])
        columns = np.array(sums).T
        if len(sums) >= fewest and all(len(set(column)) > 1 for column in columns):
            found.append(np.corrcoef(columns)[0, 1])
    return np.mean(found) if found else np.nan


def times_of(rng, n_words, readers=5, missing=0.3):
    times = np.exp(rng.normal(6, 0.3, (n_words, 1)) + rng.normal(0, 0.2, (n_words, readers)))
    times[rng.random(times.shape) < missing] = np.nan
    return times


def test_halves_agree_as_by_loops(rng):
    times = times_of(rng, 40)
    assert split_half_agreement(times) == pytest.approx(by_loops(times), rel=1e-12)


@pytest.mark.parametrize("n_words", [9, 10])
def test_halves_share_ten_words_or_are_not_compared(rng, n_words):
    times = times_of(rng, n_words, readers=2, missing=0)
    expected = by_loops(times)
    assert split_half_agreement(times) == pytest.approx(expected, nan_ok=True)
    assert np.isnan(expected) == (n_words == 9)


@pytest.mark.parametrize("flat", [0, 1])
def test_halves_of_which_one_does_not_vary_are_left_out(rng, flat):
    """Of three readers one reads every word in the same time: alone, it is such a half."""
    times = times_of(rng, 20, readers=3, missing=0)
    times[:, flat] = 300.0
    assert split_half_agreement(times) == pytest.approx(by_loops(times), rel=1e-12)
    assert np.isnan(split_half_agreement(times[:, [flat, 1 - flat]]))


def test_the_mean_reader_is_the_logarithm_of_the_mean_and_has_a_ceiling(rng, caplog):
    times = times_of(rng, 30)
    times[:, 0] = np.exp(rng.normal(6, 0.3, 30))
    subject = mean_reader(times)
    means = [np.log(np.mean([one for one in word if np.isfinite(one)])) for word in times]
    np.testing.assert_allclose(subject.responses[:, 0], means, rtol=1e-6)
    assert (subject.responses.dtype, subject.responses.shape) == (np.float32, (30, 1))
    half = by_loops(times)
    assert subject.targets["ceiling"].tolist() == pytest.approx([np.sqrt(2 * half / (1 + half))])
    assert not caplog.messages
    assert mean_reader(times[:9]).targets["ceiling"].isna().all()
    assert "timed on 10 words" in caplog.text


@pytest.fixture
def load(monkeypatch):
    """Load words and readers without a file."""

    def of(times, readers=None, word_id=None):
        n, readers = len(times), readers or [f"r{at}" for at in range(times.shape[1])]
        words = {"story_id": [1.0] * n, "word_id": word_id or list(range(1, n + 1))}
        stimuli = pd.DataFrame(words | {"word": [f"w{at}" for at in range(n)]})
        found = Assembly(Path(__file__), times, stimuli, pd.DataFrame({"subject_id": readers}))
        monkeypatch.setattr(futrell, "assembly_file", lambda raw: raw)
        monkeypatch.setattr(futrell, "read_assembly", lambda raw: found)
        return load_futrell(Path("x"), "some")

    return of


def test_words_of_two_readers_are_samples(load, rng, caplog):
    times = times_of(rng, 6, readers=4, missing=0)
    times[1, 1:] = np.nan
    times[2, 2:] = np.nan
    times[4] = np.nan
    with caplog.at_level(logging.INFO, "concord"):
        recording = load(times)
    ids = ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"]
    assert recording.stimuli["id"].tolist() == ids
    assert recording.samples["id"].tolist() == [ids[at] for at in (0, 2, 3, 5)]
    assert recording.stimuli["sample"].tolist() == [ids[0], "", ids[2], ids[3], "", ids[5]]
    assert "some: 2 words are no samples" in caplog.text
    means = np.log([np.nanmean(times[at]) for at in (0, 2, 3, 5)])
    np.testing.assert_allclose(recording.subjects[0].responses[:, 0], means, rtol=1e-6)
    caplog.clear()
    with caplog.at_level(logging.INFO, "concord"):
        load(times_of(rng, 12, missing=0))
    assert not caplog.messages
    with pytest.raises(InputError, match="no reading times"):
        load(times[[1, 1]], word_id=[1, 2])


@pytest.mark.parametrize(("number", "more"), [(1, ""), (8, ""), (9, ", …")])
def test_readers_of_no_word_and_those_left_out_leave_no_trace(load, rng, caplog, number, more):
    times = times_of(rng, 12, readers=5, missing=0)
    empty = np.full((12, number), np.nan)
    out = ["A2VG5S4UL5UGRS", "A1I02VZ07MZB7F"]
    names = [f"n{at}" for at in range(number)]
    with caplog.at_level(logging.WARNING, "concord"):
        recording = load(np.hstack([empty, times]), [*names, *out, "a", "b", "c"])
    expected = np.log(times[:, 2:].mean(axis=1))
    np.testing.assert_allclose(recording.subjects[0].responses[:, 0], expected, rtol=1e-6)
    listed = ", ".join(names[:8])
    assert caplog.messages[0] == (
        f"some: {number} of {number + 5} readers were timed on no word: {listed}{more}"
    )


def test_a_reader_who_is_there_twice(load, rng):
    times = times_of(rng, 12, readers=4, missing=0)
    times[:, 3] = times[:, 1]
    with pytest.raises(InputError, match="there twice .*got r3, the same times"):
        load(times)
    with pytest.raises(InputError, match="duplicate"):
        load(times[:, :3], ["a", "b", "a"])


@pytest.mark.parametrize("wrong", [0.0, -5.0, np.inf])
def test_times_are_positive_and_finite(load, rng, wrong):
    times = times_of(rng, 12, readers=4, missing=0)
    times[3, 1], times[7, 2] = 0.5, wrong
    with pytest.raises(InputError, match=f"word 'w7': .*got {wrong}"):
        load(times)


def test_words_are_counted_in_their_stories(load, rng):
    times = times_of(rng, 12, readers=4, missing=0)
    recording = load(times, word_id=list(range(12, 0, -1)))
    np.testing.assert_allclose(
        recording.subjects[0].responses[:, 0], np.log(times[::-1].mean(axis=1)), rtol=1e-6
    )
    assert all(a < b for a, b in pairwise(recording.stimuli["onset"]))
