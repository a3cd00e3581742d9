"""Features form families by their type."""

from stages.core.names.features import FAMILIES, family


def test_families_go_by_type_so_that_no_name_can_be_lost():
    names = ["Part_of_speech/CC", "Dependency_role/CC", "Emotion/like_sticky", "Visual/word_length"]
    assert [family(name) for name in names] == ["syntax", "syntax", "discourse", "visual"]
    assert family("Lexical/word_length") == "Lexical"
    assert set(FAMILIES.values()) == {"semantics", "discourse", "syntax", "visual"}
