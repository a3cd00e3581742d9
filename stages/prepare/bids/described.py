"""What describes a run: of all files of a kind, the one that says most and nothing else.

BIDS lets a file at the root describe many runs (the inheritance principle): every file whose
entities are some of the run's may.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from stages.core.run.errors import InputError
from stages.prepare.bids.bids_tables import read_sidecar
from stages.prepare.bids.entities import BidsFile, spelled


def nearest(run: BidsFile, files: Iterable[BidsFile], suffix: str) -> BidsFile | None:
    """Find the file of a suffix that describes a run and shares most of its entities.

    Raises
    ------
    InputError
        If two share as many.
    """
    fitting = [file for file in files if file.suffix == suffix and file.belongs_to(run)]
    if not fitting:
        return None
    most = max(len(file.entities) for file in fitting)
    best = [file for file in fitting if len(file.entities) == most]
    if len(best) > 1:
        raise InputError(
            f"several files for one run in {spelled(run.entities)}",
            expected=f"one _{suffix}{best[0].extension}",
            got=", ".join(str(file.path) for file in best),
            do="Remove or rename what does not belong to it.",
        )
    return best[0]


def sidecars(run: BidsFile, files: Sequence[BidsFile]) -> list[BidsFile]:
    """Find the .json files that describe a run, the nearest last.

    Parameters
    ----------
    run : BidsFile
    files : sequence of BidsFile
        The .json files of the dataset or derivative, of any suffix.
    """
    fitting = [file for file in files if file.suffix == run.suffix and file.belongs_to(run)]
    return sorted(fitting, key=lambda file: len(file.entities))


def metadata(run: BidsFile, files: Sequence[BidsFile]) -> dict[str, Any]:
    """Put together what all .json files say of a run; parameters as of `sidecars`."""
    said: dict[str, Any] = {}
    for file in sidecars(run, files):
        said |= read_sidecar(file.path)
    return said
