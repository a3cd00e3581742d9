"""Names of files in a BIDS dataset: what they say, and where such files lie.

Entities and their order are those of BIDS 1.11. Names that say more are kept as they are: whatever
an unknown entity means, it is one more thing to choose by.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_PAIR = r"[a-z]+-[A-Za-z0-9+]+"
_NAME = re.compile(rf"({_PAIR}(?:_{_PAIR})*)(?:_([A-Za-z0-9]+))?(\.[A-Za-z0-9.]+)")
# Entities that count; all others are text, so that ses-1 and ses-01 are two sessions.
INDICES = ("run", "echo")
# What tells one acquisition from another; all others tell files of one acquisition apart, and so
# do echoes, which are one brain measured several times at once.
ACQUISITION = ("sub", "ses", "task", "acq", "rec", "dir", "run")
# Folders that hold no preprocessed series.
_ELSEWHERE = re.compile(r"\..*|figures|logs?|sourcedata|code|freesurfer")


@dataclass(frozen=True)
class BidsFile:
    """A file and what its name says.

    Attributes
    ----------
    path : Path
    entities : dict of str to str
        By their keys; indices without leading zeros.
    suffix : str
        Such as `bold`; empty where older names have none.
    extension : str
        From the first dot on.
    """

    path: Path
    entities: Mapping[str, str]
    suffix: str
    extension: str

    @property
    def acquisition(self) -> tuple[str, ...]:
        """What tells this acquisition from others, in the order of `ACQUISITION`."""
        return tuple(self.entities.get(key, "") for key in ACQUISITION)

    @property
    def written(self) -> dict[str, str]:
        """The entities as the name writes them, with leading zeros."""
        pairs = re.findall(_PAIR, self.path.name.partition(".")[0])
        return dict(pair.split("-", 1) for pair in pairs)

    def has(self, wanted: Mapping[str, str]) -> bool:
        """Whether every entity wanted is there; an empty one must be absent."""
        return all(self.entities.get(key, "") == value for key, value in wanted.items())

    def belongs_to(self, other: "BidsFile") -> bool:
        """Whether this file's entities are some of another's: it may describe the other."""
        return set(self.entities.items()) <= set(other.entities.items())


def parse_name(path: Path) -> BidsFile | None:
    """Read a file's name; None unless it is of the kind `key-value_…_suffix.extension`."""
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    pairs = [part.split("-", 1) for part in found[1].split("_")]
    return BidsFile(path, {key: _value(key, text) for key, text in pairs}, found[2] or "", found[3])


def _value(key: str, text: str) -> str:
    return str(int(text)) if key in INDICES and text.isdecimal() else text


def walk(folder: Path, *, below: bool = True) -> Iterator[BidsFile]:
    """Find the files of a dataset whose names can be read, in the order of their paths.

    Parameters
    ----------
    folder : Path
    below : bool
        Whether the folders of a derivative, which lie in `derivatives`, are looked into.
    """
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(
            name
            for name in folders
            if not _ELSEWHERE.fullmatch(name) and (below or name != "derivatives")
        )
        for name in sorted(names):
            found = parse_name(Path(place) / name)
            if found is not None:
                yield found


def acquisition_order(file: BidsFile) -> tuple[tuple[int, str], ...]:
    """Sort key of an acquisition: as text, but for what counts."""
    return tuple(
        (int(value), "") if key in INDICES and value.isdecimal() else (0, value)
        for key, value in zip(ACQUISITION, file.acquisition, strict=True)
    )


def spelled(entities: Mapping[str, str]) -> str:
    """Spell entities as a name does, in the order of an acquisition first."""
    keys = [
        *(key for key in ACQUISITION if key in entities),
        *sorted(set(entities) - set(ACQUISITION)),
    ]
    return "_".join(f"{key}-{entities[key]}" for key in keys)
