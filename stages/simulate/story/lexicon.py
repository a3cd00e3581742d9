"""The words of the simulated story, sorted by what they can stand for in a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A character.

    Attributes
    ----------
    column : str
        The feature of the release that marks it.
    name : str
        How the story calls it.
    female : bool
    scenes : int
        Of every ten scenes with two people each, those it is in.
    """

    column: str
    name: str
    female: bool
    scenes: int

    @property
    def he(self) -> str:
        """Its pronoun as a subject."""
        return "she" if self.female else "he"

    @property
    def his(self) -> str:
        """Its possessive pronoun."""
        return "her" if self.female else "his"


CAST = (
    Person("harry", "Harry", False, 5),
    Person("herm", "Hermione", True, 4),
    Person("ron", "Ron", False, 3),
    Person("draco", "Draco", False, 2),
    Person("neville", "Neville", False, 1),
    Person("minerva", "Minerva", True, 1),
    Person("wood", "Wood", False, 1),
    Person("hooch", "Hooch", True, 1),
    Person("filch", "Filch", False, 1),
    Person("peeves", "Peeves", False, 1),
)


@dataclass(frozen=True)
class Entry:
    """Words that can replace each other: their part of speech and the events they begin."""

    tag: str
    words: tuple[str, ...]
    events: tuple[str, ...] = ()


def _entry(tag: str, words: str, *events: str) -> Entry:
    return Entry(tag, tuple(words.split()), events)


LEXICON = {
    # Nouns.
    "place": _entry(
        "NN",
        "harbour lighthouse market bakery bridge tower garden orchard library chapel mill stable "
        "workshop boathouse cellar beach village forest schoolhouse meadow",
    ),
    "tool": _entry(
        "NN",
        "rope lantern key hammer bucket basket ladder map compass net bottle candle blanket "
        "letter mirror whistle saddle kettle telescope trumpet oar anchor",
    ),
    "food": _entry("NN", "bread soup cheese honey pie cake porridge butter cider jam"),
    "beast": _entry("NN", "goat gull dog cat horse owl heron otter donkey fox"),
    "craft": _entry("NN", "kite glider balloon feather"),
    "weather": _entry("NN", "rain wind fog storm snow thunder hail"),
    "part": _entry("NN", "wall door roof floor window gate table stairway"),
    "body": _entry("NN", "head hand shoulder knee elbow foot"),
    "time": _entry("NN", "morning evening afternoon night winter summer"),
    "people": _entry("NNS", "sailors children farmers bakers fishermen neighbours cousins"),
    "things": _entry("NNS", "boats sails barrels stones lamps books shells nets crates ropes"),
    "sounds": _entry("NNS", "bells voices footsteps waves drums wings"),
    # Modifiers.
    "adjective": _entry(
        "JJ",
        "old small red green heavy broken bright dusty narrow golden cold wet enormous empty "
        "wooden silver crooked blue",
    ),
    "look": _entry("JJ", "dark quiet cold warm empty crowded muddy silent bright strange"),
    "number": _entry("CD", "two three four five seven ten"),
    "manner": _entry("RB", "slowly quickly quietly carefully eagerly silently gently"),
    "soon": _entry("RB", "soon then suddenly finally later"),
    "very": _entry("RB", "very rather quite"),
    "towards": _entry("IN", "towards into past through behind across"),
    "near": _entry("IN", "near beside behind above below inside"),
    # Motion.
    "walked": _entry("VBD", "walked ran hurried climbed crept wandered marched raced", "move"),
    "walking": _entry("VBG", "walking running climbing creeping marching", "move"),
    "walk": _entry("VB", "walk run climb hurry march", "move"),
    "flew": _entry("VBD", "flew soared glided fluttered swooped", "fly"),
    "flying": _entry("VBG", "flying soaring gliding floating", "fly"),
    "took": _entry(
        "VBD", "grabbed lifted opened carried pulled dropped folded polished", "manipulate"
    ),
    "take": _entry("VB", "grab lift carry pull polish hold", "manipulate"),
    "taking": _entry("VBG", "lifting carrying pulling polishing holding", "manipulate"),
    "hit": _entry("VBD", "hit struck bumped kicked smashed", "collide"),
    # Speech.
    "said": _entry("VBD", "said whispered answered replied muttered", "say"),
    "cried": _entry("VBD", "cried shouted called yelled", "say"),
    "asked": _entry("VBD", "asked wondered inquired", "say"),
    "ordered": _entry("VBD", "ordered commanded barked", "say", "commanding"),
    "snapped": _entry("VBD", "snapped growled grumbled", "say", "annoyed"),
    "begged": _entry("VBD", "begged pleaded implored", "say", "pleading"),
    "praised": _entry("VBD", "praised congratulated applauded", "praising"),
    # Feelings.
    "afraid": _entry("JJ", "afraid frightened terrified scared", "fear"),
    "nervous": _entry("JJ", "nervous anxious worried uneasy", "nervousness"),
    "angry": _entry("JJ", "angry furious annoyed cross", "annoyed"),
    "loved": _entry("VBD", "loved liked adored admired", "like"),
    "hated": _entry("VBD", "hated disliked despised detested", "dislike"),
    "marvelled": _entry("VBD", "marvelled gaped gazed stared", "wonder"),
    "proud": _entry("JJ", "proud boastful vain", "pride"),
    # Other verbs.
    "kept": _entry("VBD", "kept found left forgot wanted needed"),
    "eaten": _entry("VBN", "eaten cooked sold stolen hidden"),
    "rest": _entry("VB", "rest wait sleep sing stay"),
    "rested": _entry("VBD", "rested waited slept stayed sat"),
}
