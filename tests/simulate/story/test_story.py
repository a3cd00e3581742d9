import re
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pytest

from stages.simulate.story.grammar import DESCRIPTION, FEELING, NARRATION, PHRASES, SPEECH
from stages.simulate.story.lexicon import CAST, LEXICON
from stages.simulate.story.story import PARAGRAPH, Scene, tell_story, write_sentence
from stages.simulate.story.timetable import RUNS

HARRY, HERMIONE = CAST[0], CAST[1]
SCENE = Scene(HARRY, HERMIONE, "mill", "oar", "owl")


def test_fills_every_run_exactly_and_ends_it_with_a_paragraph(tokens):
    assert len(tokens) == 2588
    for index in (650, 1325, 1856, 2587):
        assert tokens[index].text == PARAGRAPH


def test_resembles_the_published_list(tokens):
    texts = [token.text for token in tokens]
    assert 75 < texts.count("+") < 130
    assert sum(text.startswith("@") for text in texts) == 30
    assert not any("@" in text[1:] or " " in text or not text for text in texts)
    assert any("…" in text for text in texts)
    assert any("—" in text for text in texts)
    assert any("--" in text for text in texts)


def test_the_seed_decides(tokens):
    lengths = [run.n_words for run in RUNS]
    assert tell_story(lengths, 30, np.random.default_rng(2014)) == tokens
    assert tell_story(lengths, 30, np.random.default_rng(2015)) != tokens


def test_positions_run_through_every_sentence(tokens):
    assert all((token.position == 0) == (token.text == PARAGRAPH) for token in tokens)
    for before, after in pairwise(tokens):
        assert after.position in (0, 1, before.position + 1)
        if after.position == 1:
            assert before.text == PARAGRAPH or re.search(r"[.!?]$", before.text)


def test_sentences_begin_with_a_capital_and_an_precedes_vowels(tokens):
    for token, following in pairwise(tokens):
        if token.position == 1:
            assert token.text.lstrip('@"')[0].isupper(), token
        if token.word in ("a", "an"):
            assert (token.word == "an") == (following.word[0] in "aeiou"), (token, following)


def test_every_rule_can_be_written(rng):
    for rule in (*NARRATION, *DESCRIPTION, *FEELING, *SPEECH):
        written = write_sentence(rule, SCENE, rng)
        assert all(len(token.tags) >= len(token.tags[:1]) == 1 for token in written)
        assert all(token.roles[0] for token in written), rule
        assert not set("{}/") & set(" ".join(token.text for token in written)), rule
        assert sum("ROOT" in token.roles for token in written) >= 1, rule


def test_every_rule_and_every_entry_is_used():
    text = " ".join((*NARRATION, *DESCRIPTION, *FEELING, *SPEECH, *sum(PHRASES.values(), ())))
    for name in (*PHRASES, *LEXICON):
        assert f"{{{name}:" in text or f"{{{name}}}" in text, name


def test_annotates_a_sentence_word_by_word(rng):
    rule = "{A:SBJ} {hit:ROOT} {his:NMOD} {body:OBJ} on/IN/ADV the/DT/NMOD {part:PMOD}."
    written = write_sentence(rule, SCENE, rng)
    assert [token.tags for token in written] == [
        ("NNP",), ("VBD",), ("PRP$",), ("NN",), ("IN",), ("DT",), ("NN", "."),
    ]  # fmt: skip
    assert [token.roles[0] for token in written] == [
        "SBJ", "ROOT", "NMOD", "OBJ", "ADV", "NMOD", "PMOD",
    ]  # fmt: skip
    assert written[-1].roles == ("PMOD", "P")
    assert [token.person for token in written[:3]] == ["harry", None, "harry"]
    assert written[1].events == ("collide",)
    assert [token.position for token in written] == [1, 2, 3, 4, 5, 6, 7]


def test_two_words_in_one_token(rng):
    written = write_sentence("{A:SBJ} didn't/VBD+RB/ROOT+ADV {rest:VC}…", SCENE, rng)
    assert written[1].tags == ("VBD", "RB")
    assert written[1].roles == ("ROOT", "ADV")
    assert written[2].tags == ("VB", ":")


def test_a_known_actor_may_become_a_pronoun(rng):
    known = replace(SCENE, actor=HERMIONE, other=HARRY, known=True)
    firsts = {write_sentence("{A:SBJ} {rested:ROOT}.", known, rng)[0].text for _ in range(50)}
    assert firsts == {"Hermione", "She"}
    assert write_sentence("{A:SBJ} {rested:ROOT}.", SCENE, rng)[0].text == "Harry"


def test_a_possessive_name_counts_twice(rng):
    (token, _) = write_sentence("{Bs:NMOD} {pet:SBJ}.", SCENE, rng)
    assert (token.text, token.tags, token.person) == ("Hermione's", ("NNP", "POS"), "herm")


def test_a_broken_rule_is_refused(rng):
    with pytest.raises(ValueError, match="not a piece of a rule: door"):
        write_sentence("the/DT/NMOD door", SCENE, rng)


def test_pronouns_stand_only_for_people_just_named(tokens):
    sentence, last = set(), set()
    for token in tokens:
        if token.position == 1:
            sentence, last = set(), sentence
        if token.text == PARAGRAPH:
            sentence = set()
        if token.word in ("he", "she"):
            assert token.person in last | sentence
        sentence.add(token.person)


def test_the_story_of_a_seed_stays_as_it_was_told(tokens):
    """Every word and mark: another story would make other data of every simulated study."""
    told = "\n".join(repr(vars(token)) for token in tokens)
    assert sha256(told.encode()).hexdigest()[:16] == "b696fe7881a8098f"
