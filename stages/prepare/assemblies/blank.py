"""Stories in two-second pieces, with the regions of each person's language network (Blank 2014)."""

import logging
from pathlib import Path

import pandas as pd

from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.prepare.assemblies.assembly_file import assembly_file
from stages.prepare.assemblies.contents import check_finite, check_size, first_of, require, texts
from stages.prepare.assemblies.netcdf import Assembly, read_assembly
from stages.prepare.assemblies.people import events, people_of, regions_of

log = logging.getLogger("concord.prepare")


def load_blank(raw: Path, dataset: str) -> Recording:
    """Load the pieces of the stories and the response of each region, which is shifted already.

    A piece, the words of one scan, is a stimulus and a sample, a story a run; a scan without words
    is neither.

    Raises
    ------
    InputError
        If the file does not hold what was published under the dataset's name.
    """
    assembly = read_assembly(assembly_file(raw))
    require(assembly, ["story", "timepoint_value"], ["fROI_area", "neuroid_id"])
    person = first_of(assembly, ["subject_UID", "subject_id"], "units")
    check_size(assembly, dataset, "neuroid_id", person)
    check_finite(assembly, "regions")
    assembly = assembly.ordered(["story", "timepoint_value"])
    times = _times(assembly, dataset)
    text = texts(assembly, ["stimulus", "stimulus_sentence", "meta_sentence"])
    silent = text.str.strip() == ""
    if silent.any():
        log.info("%s: %d scans without words left out", dataset, int(silent.sum()))
    assembly = assembly.stimuli_where(~silent)
    times, text = times[~silent].reset_index(drop=True), text[~silent].reset_index(drop=True)
    story = assembly.stimuli["story"].map(str)
    ids = story + "." + times.map("{:g}".format)
    table = {"id": ids, "text": text, "run": story, "sample": ids}
    stimuli = pd.DataFrame(table).astype(object)
    regions = assembly.units["fROI_area"].map(str)
    targets = regions_of(regions, regions)
    return events(dataset, stimuli, people_of(assembly, person, targets, dataset), assembly)


def _times(assembly: Assembly, dataset: str) -> "pd.Series[float]":
    """Seconds of each scan in its story; scans that are missing are told of.

    Raises
    ------
    InputError
        If one is no number.
    """
    told = assembly.stimuli["timepoint_value"]
    times = pd.to_numeric(told, errors="coerce").astype(float)
    if times.isna().any():
        where = f"{assembly.path}, timepoint_value"
        raise InputError(
            "wrong time", where=where, expected="seconds", got=told[times.isna()].iloc[0]
        )
    steps = times.groupby(assembly.stimuli["story"]).diff().dropna().round(6)
    if steps.max() > steps.min():
        log.warning(
            "%s: scans are %g to %g s apart: no words are read of those that are missing",
            *(dataset, steps.min(), steps.max()),
        )
    return times
