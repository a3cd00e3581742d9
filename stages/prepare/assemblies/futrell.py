"""Reading times of stories, word by word and reader by reader (Futrell et al. 2021)."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.story_regions import READING_TIME
from stages.core.names.vocabulary import GROUP
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError
from stages.core.stats.reliability import bound_of_the_mean
from stages.prepare.assemblies.assembly_file import assembly_file
from stages.prepare.assemblies.contents import check_size, require
from stages.prepare.assemblies.netcdf import Assembly, read_assembly
from stages.prepare.assemblies.people import events
from stages.prepare.usable_targets import target_table

# Readers whom the published analysis left out.
LEFT_OUT = ("A2VG5S4UL5UGRS", "A1I02VZ07MZB7F")
FEWEST = 2  # readers of a word
HALVES, SEED = 50, 0

log = logging.getLogger("concord.prepare")


def load_futrell(raw: Path, dataset: str) -> Recording:
    """Load the words of the stories and the logarithm of their mean reading times.

    A word is a stimulus and, if two readers were timed on it, a sample; a story is a run. The only
    subject, `group`, is the mean over readers, with its ceiling.

    Raises
    ------
    InputError
        If the file does not hold what was published under the dataset's name.
    """
    assembly = read_assembly(assembly_file(raw))
    require(assembly, ["word", "story_id", "word_id"], ["subject_id"])
    check_size(assembly, dataset, "subject_id")
    kept = ~assembly.units["subject_id"].isin(LEFT_OUT)
    assembly = assembly.units_where(kept)
    assembly = assembly.ordered(["story_id", "word_id"])
    times = _positive(assembly)
    timed = (np.isfinite(times).sum(axis=1) >= FEWEST).astype(bool)
    if not timed.all():
        log.info(
            "%s: %d words are no samples, timed on fewer than 2 readers", dataset, (~timed).sum()
        )
    run = assembly.stimuli["story_id"].map(lambda one: f"{int(one)}")
    ids = run + "." + assembly.stimuli["word_id"].map(lambda one: f"{int(one)}")
    table = {"id": ids, "text": assembly.stimuli["word"].map(str), "run": run}
    stimuli = pd.DataFrame(table).assign(sample=ids.where(timed, "")).astype(object)
    return events(dataset, stimuli, [mean_reader(times[timed])], assembly)


def _positive(assembly: Assembly) -> NDArray[np.float64]:
    """Check that reading times are positive where they are known."""
    wrong = assembly.measured <= 0
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            "reading time that is not positive",
            where=f"{assembly.path}, word {assembly.stimuli['word'].iloc[row]!r}",
            got=assembly.measured[row, column],
        )
    return assembly.measured


def mean_reader(times: NDArray[np.float64]) -> Subject:
    """Log mean reading times of the mean reader, shape (n_words, 1), and their ceiling.

    Parameters
    ----------
    times : ndarray, shape (n_words, n_readers)
        Milliseconds; NaN where a reader was not timed.
    """
    response = np.log(np.nanmean(times, axis=1))
    ceiling = bound_of_the_mean(split_half_agreement(times), 2)
    targets = target_table([READING_TIME], [READING_TIME], [""], ceiling=ceiling)
    return Subject(GROUP, response[:, None].astype(np.float32), targets)


def split_half_agreement(times: NDArray[np.float64]) -> float:
    """Correlation of the log mean times of two halves of the readers, mean over random halves.

    Words that one half was not timed on are left out of that pair of halves.
    """
    rng = np.random.default_rng(SEED)
    readers = times.shape[1]
    found = []
    for _ in range(HALVES):
        order = rng.permutation(readers)
        halves = [times[:, part] for part in np.array_split(order, 2)]
        both = np.all([np.isfinite(half).any(axis=1) for half in halves], axis=0)
        one, two = (np.log(np.nanmean(half[both], axis=1)) for half in halves)
        found.append(np.corrcoef(one, two)[0, 1])
    return float(np.mean(found))
