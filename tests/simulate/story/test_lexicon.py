"""The cast of the simulated story, and its words."""

from stages.simulate.story.lexicon import CAST, LEXICON


def test_ten_scenes_of_two_people_each_are_shared_out():
    assert sum(person.scenes for person in CAST) == 20
    scenes = {person.name: person.scenes for person in CAST}
    assert [scenes.pop(name) for name in ("Harry", "Hermione", "Ron", "Draco")] == [5, 4, 3, 2]
    assert set(scenes.values()) == {1}


def test_people_have_the_pronouns_of_their_names():
    women = {"Hermione", "Minerva", "Hooch"}
    for person in CAST:
        expected = ("she", "her") if person.name in women else ("he", "his")
        assert (person.he, person.his) == expected


def test_entries_are_words_of_one_tag_and_say_what_they_begin():
    for entry in LEXICON.values():
        assert len(set(entry.words)) == len(entry.words) > 1
        assert all(word.isalpha() for word in entry.words)
    assert LEXICON["ordered"].events == ("say", "commanding")
    assert LEXICON["place"].events == ()
