from collections import defaultdict

import numpy as np
import pytest

from stages.simulate.story import story_features
from stages.simulate.story.story import Token
from stages.simulate.story.story_features import (
    ABSENT_EMOTIONS,
    LEAST_SHARE,
    episodes,
    make_features,
    word_norms,
)
from stages.simulate.story.timetable import Run, word_times


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


def test_a_norm_is_given_to_words_until_so_many_are_covered():
    """Nouns and verbs, of which some recur, and function words, which have none."""
    said = np.random.default_rng(0).choice([f"w{k:02d}" for k in range(60)], 300)
    tokens = [Token(word, word, ("NN", ".")) for word in said]
    tokens += [Token("of", "of", ("IN", "NN")), Token("+")] * 50
    found = word_norms(tokens, 6, np.random.default_rng(9))
    rng, words = np.random.default_rng(9), sorted(set(said))
    for norm in range(6):
        # The first of the words is the empty one, of what has no norm.
        order, target = rng.permutation(np.arange(1, 61)), rng.uniform(0.03, 0.07)
        chosen, covered = [], 0
        while not chosen or covered / len(tokens) < target:
            chosen.append(words[order[len(chosen)] - 1])
            covered += list(said).count(chosen[-1])
        sizes = np.minimum(rng.gamma(2, 0.1, len(chosen)), 0.96)
        given = dict(zip(chosen, sizes, strict=True))
        np.testing.assert_allclose(found[:, norm], [given.get(one.word, 0) for one in tokens])


@pytest.mark.parametrize(("share", "length", "off"), [(0.04, 10.0, 240), (0.9, 2.0, 1)])
def test_episodes_go_on_and_off_in_turn(share, length, off):
    found = episodes(500, share, length, np.random.default_rng(2))
    rng, states = np.random.default_rng(2), []
    while len(states) < 500:
        states += [0.0] * rng.geometric(1 / off)
        states += [1.0] * rng.geometric(1 / length)
    assert found.tolist() == states[:500]


def test_absent_emotions_are_on_for_a_twenty_fifth_of_the_words_ten_at_a_time(tokens):
    many = [make_features(tokens, np.random.default_rng(seed)) for seed in range(8)]
    states = np.stack(
        [values_of(one, f"Emotion/{name}") for one in many for name in ABSENT_EMOTIONS]
    )
    starts = np.count_nonzero(np.diff(states, prepend=0) == 1)
    assert states.mean() == pytest.approx(0.04, rel=0.12)
    assert states.sum() / starts == pytest.approx(10, rel=0.12)


def test_what_marks_a_hundredth_of_every_run_is_planted(monkeypatch):
    """Marks of a noun of 100 and 200 words, and of one fewer in either run."""
    monkeypatch.setattr(story_features, "RUNS", [Run(1, 100), Run(1, 200)])

    def told(first, second):
        kinds = ["NN"] * first + ["IN"] * (100 - first) + ["NN"] * second + ["IN"] * (200 - second)
        tokens = [Token(f"w{k}", f"w{k}", (kind,)) for k, kind in enumerate(kinds)]
        return make_features(tokens, np.random.default_rng(0)).planted

    assert "Part_of_speech/NN" in told(1, 2)
    assert "Part_of_speech/NN" not in told(0, 9)
    assert "Part_of_speech/NN" not in told(9, 1)
    assert not [name for name in told(50, 50) if name.startswith(("Visual", "Word_Num"))]


def test_what_is_planted_and_absent_in_the_order_of_the_file(features):
    names = [f"{block.kind}/{name}" for block in features.blocks for name in block.names]
    assert features.planted == [name for name in names if name in features.planted]
    emotions = {f"Emotion/{name}" for name in ABSENT_EMOTIONS}
    assert features.absent == [*names[50:100], *(name for name in names if name in emotions)]
    assert features.planted[:50] == names[:50]
    assert len(set(features.planted)) == len(features.planted)
    motion = next(block for block in features.blocks if block.kind == "Motion")
    chosen = [name for name in motion.names if f"Motion/{name}" in features.planted]
    expected = motion.values[:, [motion.names.index(name) for name in chosen]]
    np.testing.assert_array_equal(features.planted_values("Motion"), expected)
