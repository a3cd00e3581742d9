import pandas as pd
import pytest

from stages.core.activations.activations import read_about
from stages.core.names.models import parse_model
from stages.core.nets.embedded import embedded_folder
from stages.core.nets.load import load_tokenizer
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import InputError
from stages.extract.extraction import extract_story
from stages.extract.words.passages import make_passages
from stages.extract.words.tokens import batches, tokenize
from tests.slow_tokenizers import Slow, save_ctrl


def passage(text, start, stop):
    return pd.DataFrame({"id": ["w7"], "text": [text], "start": [start], "stop": [stop]})


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
def test_focus_spells_the_word(tiny, story, kind):
    """The oracle is the decoder: the tokens of the focus spell the word and nothing else."""
    tokenizer = load_tokenizer(tiny(kind))
    stimuli = story(60)
    tokens = tokenize(tokenizer, make_passages(stimuli, "context", 5), 64)
    for word, taken in zip(stimuli["text"], tokens, strict=True):
        ids = [i for i, kept in zip(taken.inputs["input_ids"], taken.focus, strict=True) if kept]
        pieces = tokenizer.convert_ids_to_tokens(ids)
        assert "".join(pieces).replace("##", "").replace("Ġ", "") == word


def test_focus_of_a_window_is_all_but_the_special_tokens(tiny):
    (tokens,) = tokenize(load_tokenizer(tiny("bert")), passage("the village", 0, 11), 64)
    assert tokens.focus.tolist() == [False, True, True, True, False]
    assert set(tokens.inputs) == {"input_ids", "token_type_ids", "attention_mask"}


def test_every_byte_of_a_character_belongs_to_it(tiny):
    """GPT-2 writes a dash as three tokens; all cover the same character."""
    (tokens,) = tokenize(load_tokenizer(tiny("gpt2")), passage("the —", 4, 5), 64)
    assert tokens.focus.sum() >= 3
    assert tokens.focus[-3:].all()
    assert not tokens.focus[0]


def test_text_without_a_token(tiny):
    with pytest.raises(InputError, match=r"text without a token in stimuli, w7.*'\\u200b '"):
        tokenize(load_tokenizer(tiny("bert")), passage("the \u200b ", 4, 6), 64)


def test_passage_too_long(tiny):
    with pytest.raises(
        InputError, match=r"too long.*w7.*at most 4 tokens, got 5.*`context` in story\.extract"
    ):
        tokenize(load_tokenizer(tiny("bert")), passage("the village", 0, 11), 4)


def test_settings_saved_in_a_tokenizer_do_not_cut_passages():
    """MiniLM's tokenizer.json asks for 128 tokens, always; contexts are shown whole."""
    tokenizer = load_tokenizer(embedded_folder("st", "all-MiniLM-L6-v2"))
    long, short = "word " * 300 + "end", "word end"
    passages = pd.concat([passage(text, len(text) - 3, len(text)) for text in (long, short)])
    tokens = tokenize(tokenizer, passages, 512)
    assert [len(taken) for taken in tokens] == [303, 4]
    assert all(taken.focus.tolist()[-2:] == [True, False] for taken in tokens)


def test_batches_hold_the_budget(tiny, story):
    tokens = tokenize(load_tokenizer(tiny("bert")), make_passages(story(50), "context", 5), 64)
    tokens = sorted(tokens, key=len, reverse=True)
    cut = list(batches(tokens, 40))
    assert [t for batch in cut for t in batch] == tokens
    assert all(len(batch) * len(batch[0]) <= 40 for batch in cut)
    assert [len(batch) for batch in batches(tokens, 1)] == [1] * 50


def story_passages(story, n, context=0):
    stimuli = story(n).assign(run="1")
    return make_passages(stimuli, "context", context)


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
@pytest.mark.parametrize("longest", [12, 20, 64])
def test_a_cut_passage_keeps_its_end(tiny, story, kind, longest):
    """The oracle is the whole passage: special tokens and the last of the others stay."""
    tokenizer = load_tokenizer(tiny(kind))
    passages = story_passages(story, 40)
    whole = tokenize(tokenizer, passages, 10_000)
    cut = tokenize(tokenizer, passages, longest, cut=True)
    assert max(len(taken) for taken in whole) > longest
    for all_of_it, kept in zip(whole, cut, strict=True):
        ids, least = all_of_it.inputs["input_ids"], min(longest, len(all_of_it))
        first = int(kind == "bert")
        expected = ids[:first] + ids[len(ids) - least + first :]
        assert kept.inputs["input_ids"] == expected
        assert kept.focus.sum() == all_of_it.focus.sum()
        assert all(len(values) == least for values in kept.inputs.values())


def test_words_far_before_a_cut_passage_are_not_even_read(tiny, story):
    tokenizer = load_tokenizer(tiny("bert"))
    passages = story_passages(story, 30)
    before = "nobody " * 300
    longer = passages.assign(
        text=before + passages["text"],
        start=passages["start"] + len(before),
        stop=passages["stop"] + len(before),
    )
    expected = [taken.inputs for taken in tokenize(tokenizer, passages, 24, cut=True)][-1]
    assert tokenize(tokenizer, longer, 24, cut=True)[-1].inputs == expected


def test_a_focus_alone_too_long_is_not_cut(tiny):
    text = "nobody nobody the village"
    with pytest.raises(InputError, match=r"too long.*w7.*at most 4 tokens, got 5"):
        tokenize(load_tokenizer(tiny("bert")), passage(text, 14, 25), 4, cut=True)
    (taken,) = tokenize(load_tokenizer(tiny("bert")), passage(text, 14, 25), 5, cut=True)
    assert taken.focus.tolist() == [False, True, True, True, False]


def test_focus_without_offsets(tiny, story):
    """Words are whole, so that the focus is the same."""
    fast = load_tokenizer(tiny("bert"))
    passages = make_passages(story(40), "context", 5)
    told, found = tokenize(fast, passages, 64), tokenize(Slow(fast), passages, 64)
    for one, other in zip(told, found, strict=True):
        assert one.inputs == other.inputs
        assert one.focus.tolist() == other.focus.tolist()


def test_a_model_of_a_slow_tokenizer_is_shown_a_story(tmp_path, story, settings):
    words, folder = story(20), tmp_path / "out"
    spec = parse_model(f"file:{save_ctrl(tmp_path / 'ctrl')}", {})
    plain = settings.model_copy(update={"attention": False})
    assert extract_story(words, spec, plain, folder) is None
    about, _ = read_about(folder, stimuli_digest(words))
    assert about.tokenizer == "CTRLTokenizer"
    assert list(about.layers) == ["layer_00", "layer_01", "layer_02"]
