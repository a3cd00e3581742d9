"""Trigrams against their definition, on texts whose truth is known."""

import math
from collections import defaultdict

import numpy as np
import pytest

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.models import parse_model
from stages.core.params.schema import ExtractStory
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import InputError
from stages.extract.extraction import extract_story
from stages.extract.statics.trigrams import count_trigrams, read_passages, type_of
from stages.extract.stimulus_surprisal import model_surprisal

TEXT = [
    "the",
    "old",
    "witch",
    "flew",
    "over",
    "the",
    "old",
    "village",
    "and",
    "the",
    "old",
    "witch",
    "saw",
    "the",
    "quiet",
    "village",
    "over",
    "there",
    "and",
    "the",
    "witch",
    "flew",
    "home",
]
WORDS = sorted({*TEXT, "castle"})


def even(_word):
    return 1 / len(WORDS)


def by_definition(passage, word, before):
    """Kneser-Ney estimates from lists of n-grams, written out order by order."""
    grams = [tuple(passage[at : at + 3]) for at in range(len(passage) - 2)]
    found = even(word)
    for n in (1, 2, 3):
        follows = defaultdict(lambda: defaultdict(set))
        for at, gram in enumerate(grams):
            # Below the highest order what counts is how many types stand before.
            types = {3: at, 2: gram[0], 1: gram[:2][1:]}
            follows[gram[3 - n : 2]][gram[2]].add(types[n])
        every = [len(seen) for each in follows.values() for seen in each.values()]
        once = max(every.count(1), 1)
        discount = once / (once + 2 * every.count(2))
        context = tuple(before)[len(before) - n + 1 :]
        if context not in follows:
            return found
        counts = {one: len(seen) for one, seen in follows[context].items()}
        rest = discount * len(counts) * found
        found = (max(counts.get(word, 0) - discount, 0) + rest) / sum(counts.values())
    return found


CONTEXTS = [[], ["the"], ["old"], ["castle"], ["the", "old"], ["castle", "old"], ["and", "the"],
            ["witch", "castle"], ["a", "the", "old"]]  # fmt: skip


@pytest.mark.parametrize("before", CONTEXTS, ids=" ".join)
def test_probabilities_are_those_of_the_definition_and_sum_to_one(before):
    counted = count_trigrams([TEXT], even)
    found = [counted.probability(word, before) for word in WORDS]
    assert found == pytest.approx([by_definition(TEXT, word, before[-2:]) for word in WORDS])
    assert sum(found) == pytest.approx(1)
    assert min(found) > 0


def test_a_text_of_known_entropy_is_predicted_as_well_as_it_can_be_and_its_shuffle_is_not(rng):
    """Two words decide the next but for one in ten: .33 nats and a tenth of those of a draw."""
    kinds = 8
    rule = rng.integers(kinds, size=(kinds, kinds))
    text = [0, 1]
    for _ in range(12_000):
        drawn = rng.random() < 0.1
        text.append(int(rng.integers(kinds) if drawn else rule[text[-2], text[-1]]))
    words = [f"w{word}" for word in text]
    counted = count_trigrams([words[:9_000]], lambda _word: 1 / kinds)
    told = float(np.mean(counted.surprisals(words[9_000:])))
    sure = 0.9 + 0.1 / kinds
    entropy = -sure * math.log(sure) - (kinds - 1) * (0.1 / kinds) * math.log(0.1 / kinds)
    assert entropy - 0.03 < told < entropy + 0.1
    mixed = count_trigrams([rng.permutation(words[:9_000]).tolist()], lambda _word: 1 / kinds)
    assert np.mean(mixed.surprisals(words[9_000:])) > 1.5


def test_a_text_is_read_as_stimuli_are_written(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(
        " \n = The Witch = \n\n She flew , and didn 't stop at <unk> 's house !\n “ Oh ”\n"
    )
    assert read_passages(path) == [
        ["the", "witch"], ["she", "flew", "and", "didn't", "stop", "at"], ["s", "house"], ["oh"],
    ]  # fmt: skip
    path.write_text("Then 'I said 'No , she 'll and ’Tis so'\n")
    assert read_passages(path) == [["then", "i", "said", "no", "she'll", "and", "tis", "so"]]
    assert [type_of(word) for word in ("“Oh!”", "didn't", "—")] == ["oh", "didn't", "—"]


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join([" ".join(TEXT)] * 2 + ["a boy saw a castle over the old hill"]))
    return path


def settings(context, pooling="last"):
    return ExtractStory(presentation="context", context=context, pooling=pooling, attention=False)


@pytest.mark.parametrize("context", [0, 3, 20])
def test_a_trigram_is_a_model_of_one_layer_which_is_its_surprisal(story, text, tmp_path, context):
    spec, story = parse_model(f"trigram:{text}", {}), story(20)
    assert extract_story(story, spec, settings(context), tmp_path / "out") is None
    about, rows = read_about(tmp_path / "out", stimuli_digest(story))
    values = read_layer(tmp_path / "out", "layer_00", about, len(rows))[:, 0]
    told = model_surprisal(story, spec)
    assert list(told["id"]) == list(story["id"])
    known = told["nats"].notna().to_numpy()
    # Of words the first of a run alone has nothing before it, and two words are all that counts.
    assert (~known).sum() == story["run"].nunique()
    assert values[known] == pytest.approx(told["nats"][known], rel=1e-5)
    lengths = [len(word.encode()) for word in story["text"]]
    assert told["bytes"].sum() == sum(lengths) + len(story) - story["run"].nunique()
    assert about.revision


def test_sentences_have_the_sum_of_their_words(story, text):
    spec, story = parse_model(f"trigram:{text}", {}), story(12)
    run = story[story["run"] == story["run"].iloc[0]].head(6)
    pairs = run.iloc[::2].assign(
        text=[f"{one} {two}" for one, two in zip(run["text"][::2], run["text"][1::2], strict=True)]
    )
    each, both = (model_surprisal(one, spec)["nats"].to_numpy() for one in (run, pairs))
    assert both[1:] == pytest.approx([each[2] + each[3], each[4] + each[5]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "file not found"),
        (b"", "empty file"),
        (b"\xff\xfe\x00", "unreadable text"),
        (b"one two\nthree four . !\n", "text without trigrams: expected lines of three words"),
    ],
)
def test_wrong_texts_are_refused(story, tmp_path, content, message):
    path = tmp_path / "wrong.txt"
    if content is not None:
        path.write_bytes(content)
    spec = parse_model(f"trigram:{path}", {})
    assert message in extract_story(story(8), spec, settings(20), tmp_path / "out")
    with pytest.raises(InputError, match="trigram has neither revision nor untrained twin"):
        parse_model(f"trigram:{path}+untrained", {})
