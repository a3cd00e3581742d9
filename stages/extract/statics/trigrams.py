"""How expected a word is after the two before it, by counts of a text: what needs no network.

Interpolated Kneser-Ney estimates with one discount per order (Kneser & Ney 1995; Ney, Essen &
Kneser 1994: n1 / (n1 + 2 n2)), whose lowest order is the frequency of words in general.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.extract.statics.word_vectors import PUNCTUATION

Gram = tuple[str, ...]

ORDER = 3
RAREST = 1e-9  # of a word that no list of frequencies has
UNKNOWN = "<unk>"  # in place of rare words of some texts
CLITICS = frozenset(("s", "t", "re", "ve", "ll", "d", "m"))  # after an apostrophe


@dataclass(frozen=True)
class Trigrams:
    """Counts of the n-grams of a text, n from 1 to 3.

    Attributes
    ----------
    counts : tuple of dict
        Of the highest order how often each is there, of those below how many words stand before it.
    totals, kinds : tuple of dict
        Sums of these, and how many words follow, by the words before.
    discounts : tuple of float
    frequency : callable
        From a word to how probable it is whatever stands before it.
    """

    counts: tuple[dict[Gram, int], ...]
    totals: tuple[dict[Gram, int], ...]
    kinds: tuple[dict[Gram, int], ...]
    discounts: tuple[float, ...]
    frequency: Callable[[str], float]

    def probability(self, word: str, before: Sequence[str]) -> float:
        """Probability of a word, as `type_of` writes it, after others of which two count."""
        found = self.frequency(word)
        for n, counts in enumerate(self.counts):
            context = tuple(before[len(before) - n :])
            total = self.totals[n].get(context, 0)
            if len(context) < n or not total:
                break
            left = self.discounts[n] * self.kinds[n][context] * found
            found = (max(counts.get((*context, word), 0) - self.discounts[n], 0.0) + left) / total
        return found

    def surprisals(self, words: Sequence[str]) -> list[float]:
        """Surprisal of each word of a text after those before it, in nats."""
        types = [type_of(word) for word in words]
        return [
            -math.log(self.probability(word, types[max(at - ORDER + 1, 0) : at]))
            for at, word in enumerate(types)
        ]


def type_of(word: str) -> str:
    """Write a word in lower case without the punctuation around it, unless it is nothing else."""
    return word.strip(PUNCTUATION).lower() or word


def count_trigrams(
    passages: Iterable[Sequence[str]], frequency: Callable[[str], float]
) -> Trigrams:
    """Count the n-grams of passages of words, as `type_of` writes them.

    Raises
    ------
    InputError
        If none has three words.
    """
    highest: Counter[Gram] = Counter()
    for words in passages:
        highest.update(zip(*(words[at:] for at in range(ORDER)), strict=False))
    if not highest:
        raise InputError("text without trigrams", expected="lines of three words or more")
    counts: list[Counter[Gram]] = [highest]
    while len(counts) < ORDER:
        counts.insert(0, Counter(gram[1:] for gram in counts[0]))
    totals: list[Counter[Gram]] = [Counter() for _ in counts]
    kinds = [Counter(gram[:-1] for gram in own) for own in counts]
    for own, total in zip(counts, totals, strict=True):
        for gram, count in own.items():
            total[gram[:-1]] += count
    return Trigrams(
        tuple(map(dict, counts)),
        tuple(map(dict, totals)),
        tuple(map(dict, kinds)),
        tuple(map(_discount, counts)),
        frequency,
    )


def _discount(counts: Counter[Gram]) -> float:
    """Estimate what to take off a count; as if one n-gram at least were there once."""
    once, twice = (sum(count == k for count in counts.values()) for k in (1, 2))
    return max(once, 1) / (max(once, 1) + 2 * twice)


def read_passages(path: Path) -> list[list[str]]:
    """Read a plain text: its lines are passages, which end too where a word is unknown.

    What has neither letter nor digit is no word, and a clitic that stands apart (`'s`) belongs to
    the word before it, as stimuli have it. A word behind a quotation mark (`'I`) does not.

    Raises
    ------
    InputError
        If the file is missing or no text.
    """
    require_file(path, "Name a plain text: trigram:FILE.")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError("unreadable text", where=path, expected="UTF-8", got=error) from error
    return [words for line in lines for part in line.split(UNKNOWN) if (words := _words(part))]


def _words(text: str) -> list[str]:
    found: list[str] = []
    for token in text.split():
        if not any(sign.isalnum() for sign in token):
            continue
        if token[0] in "'’" and token[1:].lower() in CLITICS and found:
            found[-1] += token.lower()
        else:
            found.append(type_of(token))
    return found
