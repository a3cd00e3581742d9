"""What is done to each specimen, and how often."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.all_specimens import ALL
from tests.chaos.campaign import Outcome, Whole, attempts
from tests.chaos.full_disks import limited, on_small_disks
from tests.chaos.kills import KILLED, killed
from tests.chaos.outages import outages
from tests.chaos.specimens import Specimen
from tests.chaos.structure.well_formed import NAME, structured
from tests.chaos.verdicts import GOOD, Tally

OUTAGES = "outages"
# From a whole specimen, numbers and a seed.
Attempts = Callable[[Whole, range, int], Iterator[Outcome]]


@dataclass(frozen=True)
class Wanted:
    """What of the campaign is done.

    Attributes
    ----------
    seed : int
    first, trials : int
        Number of the first change of each specimen, and how many there are.
    only : tuple of str
        Names of what is done; none for everything.
    """

    seed: int
    first: int
    trials: int
    only: tuple[str, ...]

    def numbers(self, share: int) -> range:
        """Number what is done once for so many changes."""
        return range(self.first, self.first + max(1, self.trials // share))


def kinds_of(specimen: Specimen, *, mounts: bool) -> Mapping[str, tuple[Attempts, int]]:
    """Name what is done to a specimen, and for how many changed inputs it is done once."""
    kinds: dict[str, tuple[Attempts, int]] = {
        specimen.name: (attempts, 1),
        NAME.format(specimen.name): (structured, 1),
    }
    if specimen.name in KILLED:
        kinds[f"kills: {specimen.name}"] = (killed, 4)
        kinds[f"limits: {specimen.name}"] = (limited, 8)
        if mounts:
            kinds[f"disks: {specimen.name}"] = (on_small_disks, 8)
    return kinds


def everything(
    place: Path, wanted: Wanted, end: float, tell: Callable[[str], None], *, mounts: bool
) -> Tally:
    """Do all that is wanted until a time of the monotonic clock, and tell what went wrong."""
    tally = Tally()

    def count(name: str, outcome: Outcome) -> None:
        tally.add(name, outcome.verdict)
        if outcome.verdict not in GOOD or wanted.trials == 1:
            tell(f"{name} {outcome.number}: {outcome.verdict}: {outcome.what}")
            tell(outcome.ended.said if wanted.trials == 1 else outcome.ended.last[:300])

    for specimen in ALL:
        kinds = kinds_of(specimen, mounts=mounts)
        chosen = {name: kind for name, kind in kinds.items() if name in (wanted.only or kinds)}
        if not chosen or time.monotonic() > end:
            continue
        whole = Whole(specimen, place / specimen.name.replace(" ", "_"))
        for name, (attempt, share) in chosen.items():
            for outcome in attempt(whole, wanted.numbers(share), wanted.seed):
                count(name, outcome)
                if time.monotonic() > end:
                    break
    if not wanted.only or OUTAGES in wanted.only:
        for outcome in outages(place, wanted.numbers(20), wanted.seed):
            count(OUTAGES, outcome)
    return tally
