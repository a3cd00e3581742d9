"""Runs are of the same words if they have these at the same times, as far as both were scanned."""

import logging
import re
from pathlib import Path

import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.entities import BidsFile
from stages.prepare.bids.find_runs import Run
from stages.prepare.bids.heard import Heard, difference, passages

TR = 2.0
# One a second from 0 on.
WORDS = [f"word{number}" for number in range(10)]


def heard(subject, words=WORDS, onsets=None, n_volumes=10):
    name = BidsFile(Path("x_bold.nii.gz"), {"sub": subject}, "bold", ".nii.gz")
    run = Run(f"sub-{subject}", name, (), None, None, None, {}, {}, None, ())
    onsets = [float(place) for place in range(len(words))] if onsets is None else onsets
    table = pd.DataFrame({"text": words, "onset": onsets, "duration": 0.5})
    return Heard(run, table, n_volumes)


@pytest.mark.parametrize("shorter_first", [True, False])
def test_a_run_that_lacks_the_last_word_is_told_so(shorter_first):
    runs = [heard("01", WORDS[:-1]), heard("02")]
    told = ["no word", "'word9' at 9 s"]
    if not shorter_first:
        runs, told = runs[::-1], told[::-1]
    with pytest.raises(InputError, match="people heard different words") as caught:
        passages(runs, TR)
    message = str(caught.value)
    assert re.search(rf"expected {re.escape(told[0])}", message), message
    assert f"got {told[1]}, word 10" in message


def test_words_after_the_shorter_run_are_no_difference():
    """Of ten words, one a second, eight were heard before the fifth volume began."""
    one, two = heard("01", WORDS[:8], n_volumes=4), heard("02", n_volumes=5)
    (passage,) = passages([one, two], TR)
    assert set(passage.runs) == {"sub-01", "sub-02"}
    assert passage.words["text"].tolist() == WORDS[:8]


@pytest.mark.parametrize(("moved", "same"), [(0.15, True), (0.25, False)])
def test_words_may_come_a_tenth_of_a_volume_apart(moved, same):
    later = heard("02", onsets=[place + moved for place in range(10)])
    if same:
        assert len(passages([heard("01"), later], TR)) == 1
        return
    with pytest.raises(InputError, match="the same words at different times"):
        passages([heard("01"), later], TR)


@pytest.mark.parametrize(("onset", "at"), [(9.55, 9), (9.65, None)])
def test_a_last_word_counts_until_two_tenths_of_a_volume_before_the_end(onset, at):
    """Five volumes end at 10 s; a tenth of one is .2 s, by which either may be late."""
    whole = heard("02", onsets=[*map(float, range(9)), onset], n_volumes=5)
    assert difference(heard("01", WORDS[:9], n_volumes=5), whole, TR) == at


def test_who_heard_a_run_twice_is_named_and_nobody_else(caplog):
    caplog.set_level(logging.INFO)
    passages([heard("01"), heard("02"), heard("02")], TR)
    assert [record.getMessage() for record in caplog.records] == [
        "sub-02 met run 1 more than once, and is averaged: sub-02; sub-02"
    ]
