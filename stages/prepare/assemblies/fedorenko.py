"""Words of sentences, read one by one over electrodes (Fedorenko et al. 2016)."""

from pathlib import Path

import pandas as pd

from stages.core.names.story_regions import LANGUAGE_NETWORK
from stages.core.recording.types import Recording
from stages.prepare.assemblies.assembly_file import assembly_file
from stages.prepare.assemblies.contents import (
    check_finite,
    check_size,
    check_told,
    check_unbroken,
    first_of,
    require,
    texts,
)
from stages.prepare.assemblies.netcdf import read_assembly
from stages.prepare.assemblies.people import events, people_of, plain, regions_of


def load_fedorenko(raw: Path, dataset: str) -> Recording:
    """Load the words and the high-gamma power that each electrode had at each.

    A word is a stimulus and a sample, a sentence a run. All electrodes are in one region.

    Raises
    ------
    InputError
        If the file does not hold what was published under the dataset's name.
    """
    assembly = read_assembly(assembly_file(raw))
    require(assembly, ["sentence_id", "word_num"], ["neuroid_id"])
    person = first_of(assembly, ["subject_UID", "subject_id"], "units")
    check_size(assembly, dataset, "neuroid_id", person)
    check_finite(assembly, "electrodes")
    assembly = assembly.ordered(["sentence_id", "word_num"])
    check_unbroken(assembly, "sentence_id", "word_num")
    coordinates = assembly.stimuli
    text = texts(assembly, ["word", "stimulus"])
    run = coordinates["sentence_id"].map(plain)
    ids = run + "." + coordinates["word_num"].map(plain)
    check_told(text, assembly)
    table = {"id": ids, "text": text, "run": run, "sample": ids}
    stimuli = pd.DataFrame(table).astype(object)
    region = pd.Series(LANGUAGE_NETWORK, index=assembly.units.index)
    targets = regions_of(region, assembly.units["neuroid_id"].map(plain))
    return events(dataset, stimuli, people_of(assembly, person, targets, dataset), assembly)
