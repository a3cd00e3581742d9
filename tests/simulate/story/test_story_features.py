from collections import defaultdict

import numpy as np

from stages.simulate.story.story_features import (
    ABSENT_EMOTIONS,
    LEAST_SHARE,
    episodes,
    make_features,
)
from stages.simulate.story.timetable import word_times


def values_of(features, name):
    kind, column = name.split("/", 1)
    block = next(block for block in features.blocks if block.kind == kind)
    return block.values[:, block.names.index(column)]


def test_there_are_195_features_for_every_word(features):
    assert [block.values.shape[1] for block in features.blocks] == [
        100, 2, 7, 23, 5, 10, 2, 1, 28, 17,
    ]  # fmt: skip
    assert all(len(block.values) == 2588 for block in features.blocks)


def test_planted_and_absent_are_disjoint_and_vary(features):
    assert not set(features.planted) & set(features.absent)
    for name in (*features.planted, *features.absent):
        assert np.ptp(values_of(features, name)) > 0, name


def test_planted_features_are_frequent_in_every_run(features):
    runs = word_times()["run"]
    for name in features.planted:
        if not name.startswith("NNSE"):
            share = [(values_of(features, name)[runs == run] > 0).mean() for run in range(1, 5)]
            assert min(share) >= LEAST_SHARE, name


def test_every_family_that_drives_a_region_has_planted_features(features):
    for kind in ("Motion", "Speech", "Part_of_speech", "Characters"):
        assert len(features.planted_of(kind)) >= 2
        assert features.planted_values(kind).shape == (2588, len(features.planted_of(kind)))


def test_planted_norms_are_a_function_of_the_word(tokens, features):
    norms = features.blocks[0].values[:, :50]
    seen = defaultdict(set)
    for token, norm in zip(tokens, norms, strict=True):
        seen[token.word].add(norm.tobytes())
    assert all(len(vectors) == 1 for vectors in seen.values())
    assert not norms[[token.word in ("", "the", "harry") for token in tokens]].any()


def test_norms_are_sparse_and_in_range(features):
    norms = features.blocks[0].values
    assert norms.min() == 0
    assert 0.5 < norms.max() <= 0.96
    share = (norms > 0).mean(axis=0)
    assert np.all((share > 0.02) & (share < 0.12))


def test_absent_norms_match_the_planted_ones_in_everything_but_order(features):
    norms = features.blocks[0].values
    assert np.array_equal(np.sort(norms[:, :50], axis=0), np.sort(norms[:, 50:], axis=0))
    pairs = np.corrcoef(norms.T)[:50, 50:]
    assert np.abs(pairs).max() < 6 / np.sqrt(len(norms))


def test_absent_features_do_not_know_the_text(tokens):
    first = make_features(tokens, np.random.default_rng(1))
    second = make_features(tokens, np.random.default_rng(2))
    for name in ABSENT_EMOTIONS:
        one, other = (values_of(drawn, f"Emotion/{name}") for drawn in (first, second))
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.2
    assert np.array_equal(
        values_of(first, "Emotion/fear_sticky"), values_of(second, "Emotion/fear_sticky")
    )


def test_episodes_have_the_share_and_the_length_asked_for(rng):
    states = episodes(400_000, 0.05, 8.0, rng)
    starts = np.count_nonzero(np.diff(states, prepend=0) == 1)
    assert set(states) == {0, 1}
    assert np.isclose(states.mean(), 0.05, rtol=0.05)
    assert np.isclose(states.sum() / starts, 8.0, rtol=0.05)
