"""A generated story whose every word carries its annotation, because the grammar knows it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from stages.simulate.story.grammar import DESCRIPTION, FEELING, NARRATION, PHRASES, SPEECH
from stages.simulate.story.lexicon import CAST, LEXICON, Entry, Person

PARAGRAPH = "+"
ITALICS = "@"
SHORTEST_PARAGRAPH = 12

_PIECE = re.compile(
    r"(?P<open>\"?)"
    r"(?:\{(?P<slot>\w+)(?::(?P<slot_role>[A-Z]+))?|(?P<word>[^/{]+)/(?P<tag>[^/]+)/(?P<role>[A-Z+]+))"
    r"(?P<events>(?:/[a-z]+)*)\}?"
    r"(?P<close>[^\w{}]*)"
)
_PUNCTUATION = {",": ",", ".": ".", "?": ".", "!": ".", "…": ":", "—": ":", "--": ":", ":": ":"}


@dataclass(frozen=True)
class Token:
    """A word as it is shown, and what is true of it.

    Attributes
    ----------
    text : str
        With its punctuation; `+` marks the end of a paragraph.
    word : str
        Without punctuation, in lower case; empty for `+`.
    tags, roles : tuple of str
        Parts of speech and dependency roles, those of attached punctuation included.
    events : tuple of str
        What begins with this word.
    person : str or None
        Column of the character it names or stands for.
    position : int
        Running position in its sentence, from 1; 0 for `+`.
    """

    text: str
    word: str = ""
    tags: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    person: str | None = None
    position: int = 0


@dataclass(frozen=True)
class Scene:
    """Who acts where, with what; `known` if the last sentence named the actor."""

    actor: Person
    other: Person
    here: str
    prop: str
    pet: str
    known: bool = False


def tell_story(
    words_per_run: Sequence[int], n_italics: int, rng: np.random.Generator
) -> list[Token]:
    """Generate a story of exactly the given lengths; every run ends with a paragraph mark.

    Parameters
    ----------
    words_per_run : sequence of int
        Paragraph marks included, each at least `SHORTEST_PARAGRAPH`.
    n_italics : int
        Words marked as italics by a leading `@`.
    rng : Generator
    """
    tokens = [token for length in words_per_run for token in _tell_run(length, rng)]
    words = [index for index, token in enumerate(tokens) if token.text != PARAGRAPH]
    for index in rng.choice(words, n_italics, replace=False):
        tokens[index] = replace(tokens[index], text=ITALICS + tokens[index].text)
    return tokens


def write_sentence(rule: str, scene: Scene, rng: np.random.Generator) -> list[Token]:
    """Write one sentence by a rule of the grammar."""
    tokens = _expand(rule, "", scene, rng)
    for index, (token, following) in enumerate(pairwise(tokens)):
        if _wants_an(token, following):
            tokens[index] = replace(token, text="an", word="an")
    first = re.sub(r"[a-z]", lambda letter: letter[0].upper(), tokens[0].text, count=1)
    if not tokens[0].text.lstrip('"')[0].isupper():
        tokens[0] = replace(tokens[0], text=first)
    return [replace(token, position=index) for index, token in enumerate(tokens, start=1)]


def _wants_an(token: Token, following: Token) -> bool:
    return token.word == "a" and following.word[:1] in set("aeiou")


def _tell_run(length: int, rng: np.random.Generator) -> list[Token]:
    """Tell scenes until the run is full, its last paragraph fitting exactly."""
    tokens: list[Token] = []
    pairs = _draw_pairs(rng)
    while len(tokens) < length:
        scene = _set_scene(*next(pairs), rng)
        for index in range(int(rng.integers(3, 6))):
            left = length - len(tokens)
            if left:
                tokens += _fitting_paragraph(left, scene, index == 0, rng)
    return tokens


def _fitting_paragraph(
    left: int, scene: Scene, opening: bool, rng: np.random.Generator
) -> list[Token]:
    """Draw paragraphs until one fills what is left or leaves room for another."""
    drafts = (_write_paragraph(scene, opening, rng) for _ in iter(int, 1))
    return next(
        draft for draft in drafts if len(draft) == left or len(draft) <= left - SHORTEST_PARAGRAPH
    )


def _write_paragraph(scene: Scene, opening: bool, rng: np.random.Generator) -> list[Token]:
    tokens: list[Token] = []
    last: list[Token] = []
    for rule in _draw_rules(opening, rng):
        if last and rng.random() < 0.3:
            scene = replace(scene, actor=scene.other, other=scene.actor)
        known = scene.actor.column in {token.person for token in last}
        last = write_sentence(rule, replace(scene, known=known), rng)
        tokens += last
    return [*tokens, Token(PARAGRAPH)]


def _draw_rules(opening: bool, rng: np.random.Generator) -> Iterator[str]:
    kinds = (NARRATION, SPEECH, FEELING, DESCRIPTION)
    for index in range(int(rng.integers(1, 4))):
        odds = (0, 0, 0, 1) if opening and index == 0 else (0.3, 0.32, 0.3, 0.08)
        kind = kinds[rng.choice(len(kinds), p=odds)]
        yield kind[rng.integers(len(kind))]


def _draw_pairs(rng: np.random.Generator) -> Iterator[tuple[Person, Person]]:
    """Deal the cast into pairs again and again, so that all have their share of every run."""
    cards = [person for person in CAST for _ in range(person.scenes)]
    while True:
        deck = [cards[index] for index in rng.permutation(len(cards))]
        pairs = list(zip(deck[::2], deck[1::2], strict=True))
        if all(actor is not other for actor, other in pairs):
            yield from pairs


def _set_scene(actor: Person, other: Person, rng: np.random.Generator) -> Scene:
    here, prop, pet = (str(rng.choice(LEXICON[name].words)) for name in ("place", "tool", "beast"))
    return Scene(actor, other, here, prop, pet)


def _expand(rule: str, role: str, scene: Scene, rng: np.random.Generator) -> list[Token]:
    """Write what a rule stands for; slots without a role take the given one."""
    tokens: list[Token] = []
    for piece in rule.split():
        found = _PIECE.fullmatch(piece)
        if found is None:
            raise ValueError(f"not a piece of a rule: {piece}")
        if found["slot"]:
            part = _fill(found["slot"], found["slot_role"] or role, scene, rng)
        else:
            tags, roles = tuple(found["tag"].split("+")), tuple(found["role"].split("+"))
            part = [Token(found["word"], found["word"].lower(), tags, roles)]
        if found["open"] or found["events"]:
            text, events = found["open"] + part[0].text, tuple(found["events"].split("/")[1:])
            part[0] = replace(part[0], text=text, events=part[0].events + events)
        if found["close"]:
            part[-1] = _punctuate(part[-1], found["close"])
        tokens += part
    return tokens


def _punctuate(token: Token, close: str) -> Token:
    marks = tuple(_PUNCTUATION[mark] for mark in re.findall(r"--|[,.?!…—:]", close))
    return replace(
        token,
        text=token.text + close,
        tags=token.tags + marks,
        roles=token.roles + ("P",) * len(marks),
    )


def _fill(slot: str, role: str, scene: Scene, rng: np.random.Generator) -> list[Token]:
    """Write what a slot stands for: a person, a noun of the scene, a phrase or a word."""
    if slot in ("A", "B", "Bs", "he", "his"):
        return [_name(slot, role, scene, rng)]
    if slot in ("here", "prop", "pet"):
        return [_word(Entry("NN", (getattr(scene, slot),)), role, rng)]
    if slot in PHRASES:
        return _expand(PHRASES[slot][rng.integers(len(PHRASES[slot]))], role, scene, rng)
    return [_word(LEXICON[slot], role, rng)]


def _word(entry: Entry, role: str, rng: np.random.Generator) -> Token:
    word = str(rng.choice(entry.words))
    return Token(word, word, (entry.tag,), (role,), entry.events)


def _name(slot: str, role: str, scene: Scene, rng: np.random.Generator) -> Token:
    """Name a person, or say `she` where the last sentence named the actor."""
    person = scene.other if slot.startswith("B") else scene.actor
    if slot == "A" and role == "SBJ" and scene.known and rng.random() < 0.6:
        slot = "he"
    if slot in ("he", "his"):
        word, tag = (person.he, "PRP") if slot == "he" else (person.his, "PRP$")
        return Token(word, word, (tag,), (role,), person=person.column)
    possessive = ("POS",) if slot == "Bs" else ()
    return Token(
        person.name + ("'s" if possessive else ""),
        person.name.lower(),
        ("NNP", *possessive),
        (role,),
        person=person.column,
    )
