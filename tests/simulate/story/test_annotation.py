import numpy as np
from scipy.io import loadmat

from stages.simulate.story.annotation import LASTING, NAMES, PUNCTUAL, annotate, shown_length
from stages.simulate.story.lexicon import CAST, LEXICON
from stages.simulate.story.story import PARAGRAPH, Scene, Token, write_sentence


def column(blocks, kind, name):
    block = next(block for block in blocks if block.kind == kind)
    return block.values[:, block.names.index(name)].tolist()


def sentence(rule, rng, actor=0, other=1):
    return write_sentence(rule, Scene(CAST[actor], CAST[other], "mill", "oar", "owl"), rng)


def test_motion_is_punctual_on_its_verb_and_lasts_to_the_end_of_the_sentence(rng):
    first = sentence("{A:SBJ} {walked:ROOT} to/TO/ADV the/DT/NMOD {here:PMOD}.", rng)
    second = sentence("It/PRP/SBJ was/VBD/ROOT {look:PRD}.", rng)
    blocks = annotate([*first, *second, Token(PARAGRAPH)])
    assert column(blocks, "Motion", "move_sticky") == [0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert column(blocks, "Motion", "move") == [0, 1, 1, 1, 1, 0, 0, 0, 0]
    assert column(blocks, "Verbs", "be") == [0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert column(blocks, "Word_Num", "sentence_length") == [1, 2, 3, 4, 5, 1, 2, 3, 0]


def test_two_events_of_one_kind_add_up(rng):
    words = sentence("{A:SBJ} {walked:ROOT} and/CC/CC {walked:COORD} away/RB/ADV.", rng)
    assert column(annotate(words), "Motion", "move") == [0, 1, 1, 2, 2]


def test_speech_lasts_from_the_quote_on(rng):
    words = sentence('"Oh/UH/DEP/speech, Harry/NNP/DEP!" {A:SBJ} {cried:ROOT}.', rng, actor=2)
    blocks = annotate(words)
    assert column(blocks, "Speech", "speak") == [1, 1, 1, 1]
    assert column(blocks, "Speech", "speak_sticky") == [0, 0, 0, 1]
    assert column(blocks, "Characters", "ron") == [0, 0, 1, 0]
    assert column(blocks, "Part_of_speech", "UH") == [1, 0, 0, 0]
    assert column(blocks, "Part_of_speech", ",") == [1, 0, 0, 0]
    assert column(blocks, "Part_of_speech", ".") == [0, 1, 0, 1]
    assert column(blocks, "Dependency_role", "P") == [1, 1, 0, 1]


def test_emotion_names_are_the_other_way_round(rng):
    words = sentence("{A:SBJ} {hated:ROOT} {B:OBJ}.", rng)
    blocks = annotate(words)
    assert column(blocks, "Emotion", "dislike") == [0, 1, 0]
    assert column(blocks, "Emotion", "dislike_sticky") == [0, 1, 1]
    assert column(blocks, "Characters", "herm") == [0, 0, 1]


def test_length_counts_the_ascii_forms_and_the_mark_of_italics():
    assert [shown_length(text) for text in ("@key…", "now—", '"Oh,', "+")] == [7, 5, 4, 1]


def test_paragraph_marks_have_a_length_and_nothing_else():
    for block in annotate([Token(PARAGRAPH)]):
        values = dict(zip(block.names, block.values[0], strict=True))
        assert values.pop("word_length", 1) == 1
        assert not any(values.values())


def test_the_variance_of_one_words_length_is_constant(tokens):
    assert not np.any(column(annotate(tokens), "Visual", "var_WL"))


def test_every_event_has_a_column_and_every_column_a_name():
    named = {(kind, name) for kind, names in NAMES.items() for name in names}
    assert {*PUNCTUAL.values(), *LASTING.values()} <= named
    begun = {event for entry in LEXICON.values() for event in entry.events}
    assert begun <= {*PUNCTUAL, *LASTING}


def test_blocks_and_names_are_those_of_the_real_file(mirror, features):
    real = loadmat(mirror / "wehbe2014" / "story_features.mat")["features"][0]
    assert [block.kind for block in features.blocks] == [str(entry["type"][0]) for entry in real]
    for block, entry in zip(features.blocks, real, strict=True):
        names = entry["names"][0] if entry["names"].dtype == object else [entry["names"]]
        assert list(block.names) == [str(name[0]) for name in names]
        assert block.values.shape[1] == entry["values"].shape[1]
