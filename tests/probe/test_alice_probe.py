"""Alice: the words that were heard, read from the letters they have."""

from string import ascii_lowercase

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from stages.core.params.schema import Folds
from stages.core.recording.types import Timeline
from stages.core.time.timeline import word_rows
from stages.prepare.alice.load import TEXTGRID, TR, scan_table, word_table
from stages.prepare.lexical import lexical_features, nuisance_variables
from stages.prepare.textgrid import read_textgrid, spoken_words
from tests.probe.test_probe_controls import CLEANING, probe

REAL, SHUFFLES = ["Lexical/word_length", "Lexical/log_frequency"], 20


@pytest.fixture(scope="module")
def heard(mirror):
    """Layout, and what is told of each word: its letters, its features in two orders, nuisance."""
    samples = scan_table()
    words = word_table(spoken_words(read_textgrid(mirror / TEXTGRID)), samples)
    layout = (
        (word_rows(words), Timeline(samples, TR, CLEANING)),
        Folds(scheme="blocks", blocks=5, gap=8),
    )
    letters = np.array(
        [[text.lower().count(one) for one in ascii_lowercase] for text in words.text]
    )
    values = lexical_features(words).drop(columns="id").to_numpy()
    orders = np.random.default_rng(0).permuted(
        np.tile(np.arange(len(values)), (SHUFFLES, 1)), axis=1
    )
    shuffled = values[orders].transpose(1, 0, 2).reshape(len(values), -1)
    features = pd.DataFrame(np.hstack([values, shuffled]))
    features.columns = [*REAL, *map(str, range(2 * SHUFFLES))]
    known = nuisance_variables(words)
    return layout, (letters.astype(float), features.assign(id=words["id"]), known)


@pytest.fixture(scope="module", params=[True, False], ids=["centred", "as published"])
def tests(request, heard):
    layout, told = heard
    return request.param, probe(layout, told, centre=request.param, draws=199)


def test_shuffled_labels_are_read_by_shifts_alone(tests):
    centred, found = tests
    by_chance = binom.ppf(0.999, 2 * SHUFFLES, 0.05)
    shifts, words = ((found[test]["p"][2:] <= 0.05).sum() for test in ("r", "r_words"))
    assert words <= by_chance
    assert (found["r_partial"]["p"][2:] <= 0.05).sum() <= by_chance
    if centred:
        assert shifts <= by_chance
        assert abs(found["r"]["score"][2:].mean()) < 0.1
    else:
        assert shifts == 2 * SHUFFLES
        assert found["r"]["score"][2:].mean() > 0.6


def test_real_labels_are_read_from_these_words(tests):
    centred, found = tests
    real = REAL if centred else REAL[:1]  # frequency is high of all words, so that rate drowns it
    for test, most in {"r": 0.005, "r_words": 0.005, "r_partial": 0.1}.items():
        assert (found[test]["p"][: len(real)] <= most).all()
    assert found["r"]["score"][: len(real)].min() > 0.5
