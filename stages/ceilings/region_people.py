"""The people that have a region, and how they agree there."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import Encode
from stages.core.recording.region_means import region_means
from stages.core.recording.regions import check_regions
from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.core.stats.two_way_jackknife import Agreement, agreement, cut_blocks

FEWEST = 2

log = logging.getLogger("concord.ceilings")


@dataclass(frozen=True)
class RegionPeople:
    """One region of all people that have it.

    Attributes
    ----------
    region : str
    names : list of str
    agreement : Agreement
        Of the people in this order.
    """

    region: str
    names: list[str]
    agreement: Agreement


def regions_of_people(recording: Recording, encode: Encode, block: int) -> list[RegionPeople]:
    """Find how people agree in every region that encode predicts.

    Parameters
    ----------
    recording : Recording
    encode : Encode
    block : int
        Samples in a block, about; blocks do not cross runs.

    Returns
    -------
    list of RegionPeople
        Regions of one person are left out, by name.

    Raises
    ------
    InputError
        If a region asked for is in no subject, people do not share all samples, or there are not
        two blocks.
    """
    check_regions(recording, encode.regions, "encode.regions")
    people = [subject for subject in recording.subjects if subject.name != GROUP]
    blocks = _blocks(recording, block) if people else np.empty(0, dtype=np.intp)
    series: dict[str, dict[str, NDArray[np.float64]]] = {}
    for subject in people:
        means = region_means(subject, encode.regions, encode.min_voxels)
        for region in means:
            series.setdefault(str(region), {})[subject.name] = means[region].to_numpy()
    _tell(series)
    return [
        RegionPeople(region, list(found), agreement(np.stack(list(found.values())), blocks))
        for region, found in series.items()
        if len(found) >= FEWEST
    ]


def _blocks(recording: Recording, length: int) -> NDArray[np.intp]:
    """Cut the samples, which everybody must have."""
    for subject in recording.subjects:
        if subject.samples is not None:
            got = f"{len(subject.samples)} of {len(recording.samples)}"
            where = f"{recording.dataset}, subject {subject.name}"
            raise InputError("samples that not everybody has", where=where, got=got)
    blocks = cut_blocks(recording.samples["run"].to_numpy(), length)
    if blocks.max(initial=0) == 0:
        raise InputError(
            "samples in one block",
            where="params.yaml: ceilings_story.block",
            expected=f"at most {len(blocks) // 2}, half of the samples",
            got=length,
        )
    return blocks


def _tell(series: dict[str, dict[str, NDArray[np.float64]]]) -> None:
    alone = [region for region, found in series.items() if len(found) < FEWEST]
    pairs = [region for region, found in series.items() if len(found) == FEWEST]
    if alone:
        log.warning("no ceiling where there is one subject: %s", ", ".join(alone))
    if pairs:
        log.warning("nothing is extrapolated from two subjects: %s", ", ".join(pairs))
