"""Every source of published numbers, and the rows of all of them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.core.run.progress import progress
from stages.replicate import (
    brainalign,
    conwell2024,
    hadidi2026,
    kriegeskorte2008,
    lmphases2025,
    natural_stories,
    schrimpf2021,
    schrimpf_targets,
    sherlock2017,
    training_claim,
    ucl2013,
)
from stages.replicate.at_hand import at_hand
from stages.replicate.need_networks import OF_NETWORKS
from stages.replicate.published_targets import Found, Target, judge, judge_all

logger = logging.getLogger("concord.replicate")
Files = Mapping[str, Path]


@dataclass(frozen=True)
class Origin:
    """One source of published numbers.

    Attributes
    ----------
    name : str
        Of its folder with `sources.json`, and in the table.
    targets : tuple of Target
    derive : callable
        From the files to our numbers, by quantity.
    further : str
        See `at_hand`.
    """

    name: str
    targets: tuple[Target, ...]
    derive: Callable[[Files], Mapping[str, Found | str]]
    further: str = ""


ORIGINS = (
    Origin("schrimpf2021", schrimpf_targets.TARGETS, schrimpf2021.derive_schrimpf),
    Origin("hadidi2026", hadidi2026.TARGETS, hadidi2026.derive_hadidi),
    Origin(
        "brainalign-training",
        training_claim.TARGETS,
        training_claim.derive_training,
        training_claim.DIGITISED,
    ),
    Origin("lmphases2025", lmphases2025.TARGETS, lmphases2025.derive_lmphases),
    Origin("conwell2024", conwell2024.TARGETS, conwell2024.derive_conwell),
    Origin("kriegeskorte2008", kriegeskorte2008.TARGETS, kriegeskorte2008.derive_kriegeskorte),
    Origin("sherlock2017", sherlock2017.TARGETS, sherlock2017.derive_sherlock),
    Origin("ucl2013", ucl2013.TARGETS, ucl2013.derive_ucl),
    Origin("naturalstories", natural_stories.TARGETS, natural_stories.derive_natural_stories),
)


def all_rows(raw: Path) -> Iterator[dict[str, Any]]:
    """Make the rows of every source; one whose files cannot be had does not keep the others.

    Parameters
    ----------
    raw : Path
        Folder with a folder per source, and `sources.json` in each.
    """
    for origin in progress(ORIGINS, "sources"):
        files, missing = at_hand(raw / origin.name, origin.further)
        if missing:
            logger.warning("%s: not derived: %s cannot be had", origin.name, missing)
            yield from (judge(origin.name, target, missing) for target in origin.targets)
        else:
            yield from judge_all(origin.name, origin.targets, origin.derive(files))
    for name, targets in OF_NETWORKS.items():
        yield from judge_all(name, targets, {})
    yield from _brainalign(raw)


def _brainalign(raw: Path) -> Iterator[dict[str, Any]]:
    """Rows of the tables of correlations, which are held against themselves."""
    files, missing = at_hand(raw / brainalign.SOURCE)
    if missing:
        logger.warning("%s: not derived: %s cannot be had", brainalign.SOURCE, missing)
        whole = Target("the published tables of correlations", "")
        yield judge(brainalign.SOURCE, whole, missing)
    else:
        yield from brainalign.check_brainalign(files)
