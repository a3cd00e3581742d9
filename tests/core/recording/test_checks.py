"""What is not finite is found in every block of rows and column, and time is everybody's."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.checks import (
    ROWS,
    check_captions,
    check_recording,
    check_responses,
    check_words,
)
from stages.core.recording.types import Cleaning, Recording, Stream, Subject
from stages.core.run.errors import InputError

TARGETS = pd.DataFrame({"id": ["v0", "v1", "v2"], "region": "R"})


@pytest.mark.parametrize("row", [0, ROWS - 1, ROWS, 2 * ROWS - 1, 2 * ROWS, 2 * ROWS + 6])
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_a_value_that_is_not_finite_is_found_in_any_row(row, value):
    responses = np.zeros((2 * ROWS + 7, 3), dtype=np.float32)
    check_responses(responses, TARGETS, len(responses), "here")
    responses[row, 1:] = value
    with pytest.raises(InputError, match="not finite in here, v1: got 2 columns"):
        check_responses(responses, TARGETS, len(responses), "here")


@pytest.mark.parametrize("kind", ["timeseries", "events"])
def test_samples_of_one_s_own_are_refused_in_time(kind):
    samples = pd.DataFrame({"id": ["a", "b", "c"], "run": "1", "onset": [0.0, 1.0, 2.0]})
    stimuli = samples.assign(text="word", duration=1.0, sample=samples["id"])
    targets = pd.DataFrame({"id": ["v0"], "region": "R", "hemisphere": "", "ceiling": np.nan})
    targets = targets.assign(i=pd.NA, j=pd.NA, k=pd.NA)
    own = samples[["id"]].head(2).assign(repeats=1)
    one = Subject("one", np.zeros((2, 1), np.float32), targets, samples=own)
    cleaning = Cleaning(detrend=True, high_pass=0.0, standardize=True)
    recording = Recording("made", kind, 2.0, cleaning, stimuli, samples, [one])
    if kind == "events":
        check_recording(recording, "here")
        return
    with pytest.raises(InputError, match="own samples of a time series in here: subject one"):
        check_recording(recording, "here")


STIMULI = pd.DataFrame({"id": ["a", "b", "c"], "text": ["x", "y", "z"], "run": "1"}).assign(
    onset=[0.0, 1, 2], duration=1.0, sample=["a", "b", "c"]
)
SAMPLES = STIMULI[["id", "run", "onset"]]
WORDS = pd.DataFrame({"id": ["a", "b", "c"], "one": [1.0, 2, 3], "two": [0.0, 1, 0]})
CAPTIONS = pd.DataFrame({"id": ["a", "a", "b", "c"], "number": [0, 1, 0, 0], "text": list("xwyz")})
PAIRS = pd.DataFrame({"id": ["p", "q", "r"], "run": "1", "onset": 0.0}).assign(
    first=["a", "a", "b"], second=["b", "c", "c"]
)
OWN = pd.DataFrame({"id": ["a", "c"], "repeats": [1, 3]})


def someone(name="one", rows=3, **changes):
    return Subject(name, np.zeros((rows, 3), np.float32), TARGETS, **changes)


def whole(**changes):
    """A recording that keeps the contract, but for what is changed."""
    plain = Recording("made", "events", None, None, STIMULI, SAMPLES, [someone()])
    return replace(plain, **changes)


def marked(*there):
    return pd.DataFrame({"id": ["a", "b", "c"], "repeats": 2, "single": list(there)})


def single(rows, **changes):
    return someone(single=np.zeros((rows, 3), np.float32), **changes)


SOUND = {
    "plain": {},
    "words": {"features": WORDS, "nuisance": WORDS},
    "captions": {"captions": CAPTIONS},
    "pairs": {"kind": "rdm", "samples": PAIRS},
    "in time, moved": {"kind": "timeseries", "tr": 2.0, "shifted": 4.0},
    "moved by less than a second": {"kind": "timeseries", "tr": 2.0, "shifted": 0.5},
    "own samples": {"subjects": [someone(rows=2, samples=OWN), someone("two")]},
    "own samples of somebody else": {"streams": [Stream("two", [], 3, OWN)]},
    "single": {"subjects": [single(4, samples=marked(True, False, True))]},
    "single of one": {"subjects": [single(2, samples=marked(False, True, False))]},
}


@pytest.mark.parametrize("changes", SOUND.values(), ids=SOUND)
def test_what_keeps_the_contract(changes):
    check_recording(whole(**changes), "here")


BROKEN = {
    "unknown kind in here: expected .*got other": {"kind": "other"},
    "no stimulus in here": {"stimuli": STIMULI[:0]},
    "duplicate id in here: stimuli.*got b": {"stimuli": STIMULI.assign(id=list("abb"))},
    "duplicate id in here: samples.*got a": {"samples": SAMPLES.assign(id=list("aab"))},
    "duplicate id in here: subjects.*got one": {"subjects": [someone(), someone()]},
    "duplicate id in here: subjects.*got one ": {
        "streams": [Stream("one", [], 3, SAMPLES)],
        "subjects": [someone()],
    },
    "unfit as a name in here: names.*got '<p>'": {"dataset": "<p>"},
    "unfit as a name in here: names": {"subjects": [someone("a>b")]},
    "ids differ in stimuli and here: features, row 2": {"features": WORDS.assign(id=list("abd"))},
    "ids differ in stimuli and here: nuisance": {"nuisance": WORDS[:2]},
    "values that are not finite in here: nuisance, two: got 1 columns": {
        "nuisance": WORDS.assign(two=[0, np.nan, 0])
    },
    "ids differ in stimuli and here: captions": {"captions": CAPTIONS[:3]},
    "ids differ in texts of stimuli and here: captions, row 0": {
        "captions": CAPTIONS.assign(text=list("wxyz"))
    },
    "column missing in here: samples: expected second": {
        "kind": "rdm",
        "samples": PAIRS.drop(columns="second"),
    },
    "ids differ in pairs of stimuli and here: samples, first, row 2": {
        "kind": "rdm",
        "samples": PAIRS.assign(first=list("aac")),
    },
    "ids differ in pairs of stimuli and here: samples, second, row 0": {
        "kind": "rdm",
        "samples": PAIRS.assign(second=list("ccb")),
    },
    "moved back in time in here: .*got 4.0 of events": {"shifted": 4.0},
    "moved back in time in here: .*got -1.0": {"shifted": -1.0, "tr": 2.0},
    "moved back in time in here: .*got inf": {"shifted": np.inf, "tr": 2.0},
    "stimulus that is on for no time in here: stimuli: got b": {
        "shifted": 4.0,
        "tr": 2.0,
        "stimuli": STIMULI.assign(duration=[1, 0, np.nan]),
    },
    "ids differ in samples and here: subject one: expected 1 ids, got 2": {
        "subjects": [someone(rows=2, samples=OWN.assign(id=["a", "z"]))]
    },
    "ids differ in samples and here: subject one, row 0": {
        "subjects": [someone(rows=2, samples=OWN[::-1])]
    },
    "sample that was never measured in here: subject one": {
        "subjects": [someone(rows=2, samples=OWN.assign(repeats=[0, 1]))]
    },
    "never measured in here: subject two": {
        "streams": [Stream("two", [], 3, OWN.assign(repeats=[1, 0]))]
    },
    "wrong shape in here: subject one: expected .2, 3.*got .3, 3": {
        "subjects": [someone(samples=OWN)]
    },
    "wrong shape in here: subject one: expected .3, 3.*got .2, 3": {"subjects": [someone(rows=2)]},
    "one, single measurements: expected two or more of each of 0 samples.*got 4": {
        "subjects": [single(4)]
    },
    "of each of 0 samples": {"subjects": [single(4, samples=marked(False, False, False))]},
    "of each of 2 samples that are marked, got 2": {
        "subjects": [single(2, samples=marked(True, False, True))]
    },
    "of each of 2 samples that are marked, got 5": {
        "subjects": [single(5, samples=marked(True, False, True))]
    },
    "of each of 2 samples that are marked, got 0": {
        "subjects": [single(0, samples=marked(True, False, True))]
    },
}


@pytest.mark.parametrize(("message", "changes"), BROKEN.items(), ids=BROKEN)
def test_what_breaks_the_contract(message, changes):
    with pytest.raises(InputError, match=message.strip()):
        check_recording(whole(**changes), "here")


def test_single_measurements_are_responses():
    values = np.zeros((4, 3), np.float32)
    values[3, 2] = np.nan
    one = someone(samples=marked(True, False, True), single=values)
    with pytest.raises(
        InputError, match="not finite in here: subject one, single measurements, v2"
    ):
        check_recording(whole(subjects=[one]), "here")


@pytest.mark.parametrize(
    ("targets", "dtype", "message"),
    [
        (TARGETS, np.float64, "wrong dtype in here: expected float32, got float64"),
        (TARGETS.assign(id=["v0", "v0", "v1"]), np.float32, "duplicate id in here.*got v0"),
        (TARGETS.assign(id=["v0", "<i>", "v1"]), np.float32, "unfit as a name in here: id.*<i>"),
        (TARGETS.assign(region=["R", "R", "a\nb"]), np.float32, "unfit as a name in here: region"),
        (TARGETS[:2], np.float32, "wrong shape in here: expected .2, 2.*got .2, 3"),
    ],
)
def test_responses_are_those_of_their_targets(targets, dtype, message):
    with pytest.raises(InputError, match=message):
        check_responses(np.zeros((2, 3), dtype), targets, 2, "here")


@pytest.mark.parametrize("name", ["a<b", "a>b", "a\tb"])
def test_variables_have_plain_names_and_long_ones_are_cut(name):
    check_words(WORDS, STIMULI, "here")
    with pytest.raises(InputError, match="unfit as a name in here") as error:
        check_words(WORDS.rename(columns={"two": name + "c" * 90}), STIMULI, "here")
    assert "c" * 77 in str(error.value)
    assert "c" * 78 not in str(error.value)


def test_captions_of_each_stimulus_begin_with_its_text():
    check_captions(CAPTIONS, STIMULI, "here")
    check_captions(CAPTIONS[[True, False, True, True]], STIMULI, "here")
    with pytest.raises(InputError, match="row 1: expected 'c', got 'b'"):
        check_captions(CAPTIONS, STIMULI.iloc[[0, 2, 1]], "here")
