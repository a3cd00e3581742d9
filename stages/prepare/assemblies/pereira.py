"""Sentences in short passages, one image of the brain each (Pereira et al. 2018)."""

import logging
from pathlib import Path

import pandas as pd

from stages.core.names.story_regions import LANGUAGE_NETWORK
from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.prepare.assemblies.assembly_file import assembly_file
from stages.prepare.assemblies.contents import check_size, check_sums, require, texts
from stages.prepare.assemblies.netcdf import Assembly, read_assembly
from stages.prepare.assemblies.people import events, people_of, plain, regions_of

log = logging.getLogger("concord.prepare")

# Which experiment each dataset is: two, read by other people, of other passages.
EXPERIMENTS = {"pereira2018-243": "243sentences", "pereira2018-384": "384sentences"}


def load_pereira(raw: Path, dataset: str) -> Recording:
    """Load the sentences of one experiment, and the response of each voxel to each.

    A sentence is a stimulus and a sample, a passage a run, in the order of their topics. All
    passages of a topic are left out together. Regions are the networks that the file has; a voxel
    of two of them is a target of both, which is told of. Each person who read the experiment is a
    subject. People met the passages in various orders, so that nothing comes before a passage.

    Raises
    ------
    InputError
        If the file does not hold what was published under the dataset's name.
    """
    assembly = read_assembly(assembly_file(raw))
    require(
        assembly,
        ["experiment", "passage_index", "stimulus_num", "passage_category"],
        ["subject", "neuroid_id", "atlas"],
    )
    language = assembly.units["atlas"] == LANGUAGE_NETWORK
    check_size(assembly.units_where(language), dataset, "neuroid_id", "subject")
    check_sums(assembly, dataset, "atlas")
    own = _experiment(assembly, dataset)
    own = own.ordered(["passage_category", "passage_index", "stimulus_num"])
    _tell_shared(own)
    networks = own.units["atlas"].map(str)
    targets = regions_of(networks, networks + "." + own.units["neuroid_id"].map(str))
    stimuli, topics = _sentences(own), own.stimuli["passage_category"].map(str)
    people = people_of(own, "subject", targets, dataset)
    return events(dataset, stimuli, people, assembly, topics)


def _experiment(assembly: Assembly, dataset: str) -> Assembly:
    """Select the sentences of one experiment, by the dataset's name or as the only one."""
    found = assembly.stimuli["experiment"].map(str)
    names = list(dict.fromkeys(found))
    asked = EXPERIMENTS.get(dataset, names[0] if len(names) == 1 else "")
    if asked not in names:
        raise InputError(
            "experiment missing", where=assembly.path, expected=asked or "only one", got=names
        )
    return assembly.stimuli_where(found == asked)


def _sentences(assembly: Assembly) -> pd.DataFrame:
    """Make the table of sentences."""
    coordinates = assembly.stimuli
    text = texts(assembly, ["stimulus", "sentence"])
    ids = coordinates["experiment"].map(str) + "." + coordinates["stimulus_num"].map(plain)
    where = coordinates["passage_category"].map(str) + "." + coordinates["passage_index"].map(plain)
    empty = text.str.strip() == ""
    if empty.any():
        raise InputError("sentence without a text", where=assembly.path, got=ids[empty].iloc[0])
    table = {"id": ids, "text": text, "run": where, "sample": ids}
    return pd.DataFrame(table).astype(object).reset_index(drop=True)


def _tell_shared(assembly: Assembly) -> None:
    """Tell of voxels that have one id in several networks, and of ids that several voxels share."""
    units = assembly.units
    ids = units["subject"].map(str) + ", " + units["neuroid_id"].map(str)
    first = pd.Series(assembly.measured[0]).groupby(ids)
    shared, differ = first.size() > 1, first.max() > first.min()
    if shared.any():
        log.info("%d voxels are in several networks, and targets of each", int(shared.sum()))
    if differ.any():
        log.warning(
            "%d of them are not the same voxel: responses differ, as to %s",
            *(int(differ.sum()), differ.idxmax()),
        )
