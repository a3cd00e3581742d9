"""Inputs that are changed by chance, and the commands that read them."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from tests.chaos import faults
from tests.chaos.specimens import Specimen
from tests.chaos.trial import UNFIT, Ended, UnfitError, run
from tests.chaos.verdicts import contents, judge, not_numbers

# What stages say of somebody none of whose targets can be used, as they go on without.
LEFT_OUT = " excluded: "
# And of somebody whose ceilings are no numbers.
NO_CEILING = ": no ceiling: "


def left_out_anew(ended: Ended, undisturbed: Ended, words: str = LEFT_OUT) -> bool:
    """Whether a line says who was left out, and why, that is not said undisturbed."""
    said, always = (set(one.said.splitlines()) for one in (ended, undisturbed))
    return any(words in line for line in said - always)


@dataclass(frozen=True)
class Outcome:
    """What came of one change.

    Attributes
    ----------
    specimen : str
    number : int
        That repeats it, with the campaign's seed.
    what : str
        The fault, and the file that had it.
    verdict : str
    ended : Ended
    """

    specimen: str
    number: int
    what: str
    verdict: str
    ended: Ended


class Whole:
    """A specimen that was made, and what its command makes of it undisturbed."""

    def __init__(self, specimen: Specimen, folder: Path) -> None:
        self.specimen, self.folder = specimen, folder / "whole"
        self.trial = folder / "trial"
        self.folder.mkdir(parents=True)
        specimen.make(self.folder)
        found: set[Path] = set()
        for pattern in specimen.inputs:
            found |= {path for path in self.folder.glob(pattern) if path.is_file()}
        self.inputs = sorted(path.relative_to(self.folder) for path in found)
        self.renew()
        self.undisturbed = run(specimen.command, self.trial, seconds=300)
        if self.undisturbed.code != 0:
            raise RuntimeError(f"{specimen.name}, unchanged: {self.undisturbed.said[-3000:]}")
        self.expected = contents(self.trial, specimen.outputs)
        self.exact = contents(self.trial, specimen.outputs, exact=True)
        self.odd = not_numbers(self.trial, specimen.outputs)

    def renew(self) -> Path:
        """Lay out the specimen anew; its files are links, and so must be replaced to be changed."""
        shutil.rmtree(self.trial, ignore_errors=True)
        shutil.copytree(self.folder, self.trial, copy_function=os.link)
        return self.trial

    def attempt(self, number: int, seed: int) -> Outcome | None:
        """Change one file and run the command; None where the file cannot have the fault."""
        name = self.specimen.name
        rng = np.random.default_rng([seed, crc32(name.encode()), number])
        path = self.drawn_file(rng)
        fault = faults.draw(path, rng)
        ended = self.changed(path, lambda own: faults.faults_of(path)[fault](own, rng))
        if ended is None:
            return None
        may = fault in faults.UNKNOWABLE or left_out_anew(ended, self.undisturbed)
        verdict = self.verdict(ended, may_differ=may and not self.specimen.sealed)
        return Outcome(name, number, f"{fault} of {path}", verdict, ended)

    def drawn_file(self, rng: np.random.Generator) -> Path:
        """Draw a kind of file, then one of these."""
        return _choose(self.inputs, rng)

    def changed(self, path: Path, change: Callable[[Path], None]) -> Ended | None:
        """Run the command with one file changed; None where the file cannot be changed so."""
        folder = self.renew()

        def spoil() -> None:
            own = Path(path)
            content = own.read_bytes()
            own.unlink()
            own.write_bytes(content)
            try:
                change(own)
            except UnfitError:
                raise
            except Exception as error:
                raise UnfitError from error

        ended = run(self.specimen.command, folder, spoil, seconds=self.specimen.seconds)
        return None if ended.code == UNFIT else ended

    def verdict(self, ended: Ended, *, may_differ: bool) -> str:
        """Say what came of a changed file, whose outputs lie there."""
        outputs = self.specimen.outputs
        same = ended.code == 0 and contents(self.trial, outputs) == self.expected
        found = judge(ended, same=same, may_differ=may_differ)
        told = left_out_anew(ended, self.undisturbed, NO_CEILING)
        odd = found == "explained" and not told and self._odd_ones(self.trial)
        return "silent" if odd else found

    def _odd_ones(self, folder: Path) -> bool:
        """Whether tables hold more that is no number than they did."""
        found = not_numbers(folder, self.specimen.outputs)
        return any(count and not self.odd.get(name, 0) for name, count in found.items())


def _choose(paths: Sequence[Path], rng: np.random.Generator) -> Path:
    """Draw a kind of file, then one of these."""
    kinds = sorted({kind(path) for path in paths})
    chosen = kinds[rng.integers(len(kinds))]
    same = [path for path in paths if kind(path) == chosen]
    return same[rng.integers(len(same))]


def kind(path: Path) -> str:
    """What files are alike: those of one name, and of numbered names."""
    return "".join(" " if letter.isdigit() else letter for letter in path.name)


def attempts(whole: Whole, numbers: range, seed: int) -> Iterator[Outcome]:
    """Yield what came of each change that a file can have."""
    for number in numbers:
        outcome = whole.attempt(number, seed)
        if outcome is not None:
            yield outcome
