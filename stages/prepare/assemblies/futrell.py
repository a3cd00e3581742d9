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
from stages.core.run.tables import check_unique
from stages.core.stats.reliability import bound_of_the_mean
from stages.prepare.assemblies.assembly_file import assembly_file
from stages.prepare.assemblies.contents import check_size, check_unbroken, require, texts
from stages.prepare.assemblies.netcdf import Assembly, read_assembly
from stages.prepare.assemblies.people import events, plain
from stages.prepare.usable_targets import NAMED, target_table

# Readers whom the published analysis left out.
LEFT_OUT = ("A2VG5S4UL5UGRS", "A1I02VZ07MZB7F")
FEWEST = 2  # readers of a word
SHARED = 10  # words of two halves of the readers, at least
HALVES, SEED = 50, 0

log = logging.getLogger("concord.prepare")


def load_futrell(raw: Path, dataset: str) -> Recording:
    """Load the words of the stories and the logarithm of their mean reading times.

    A word is a stimulus and, if two readers were timed on it, a sample; a story is a run. The only
    subject, `group`, is the mean over readers, with its ceiling. Readers who were timed on no word
    are left out, and told of.

    Raises
    ------
    InputError
        If the file does not hold what was published under the dataset's name, words of a
        story are missing, a reader is there twice, or no word was read by two.
    """
    assembly = read_assembly(assembly_file(raw))
    require(assembly, ["word", "story_id", "word_id"], ["subject_id"])
    check_size(assembly, dataset, "subject_id")
    assembly = assembly.ordered(["story_id", "word_id"])
    check_unbroken(assembly, "story_id", "word_id")
    times = _positive(_readers(assembly, dataset))
    timed = (np.isfinite(times).sum(axis=1) >= FEWEST).astype(bool)
    if not timed.any():
        expected = f"words that {FEWEST} readers or more were timed on"
        raise InputError("no reading times", where=assembly.path, expected=expected, got="none")
    if not timed.all():
        log.info(
            "%s: %d words are no samples, timed on fewer than 2 readers", dataset, (~timed).sum()
        )
    run = assembly.stimuli["story_id"].map(plain)
    ids = run + "." + assembly.stimuli["word_id"].map(plain)
    table = {"id": ids, "text": texts(assembly, ["word"]), "run": run}
    stimuli = pd.DataFrame(table).assign(sample=ids.where(timed, "")).astype(object)
    return events(dataset, stimuli, [mean_reader(times[timed])], assembly)


def _readers(assembly: Assembly, dataset: str) -> Assembly:
    """Leave out whom the publication did and who was timed on no word; nobody may be there twice.

    Of two columns that are the same, halves of the readers would agree by themselves.
    """
    names = assembly.units["subject_id"].map(plain)
    check_unique(names, f"{assembly.path}, subject_id")
    timed = np.asarray(np.isfinite(assembly.measured).any(axis=0))
    absent = names[~timed]
    if len(absent):
        more = ", …" if len(absent) > NAMED else ""
        named = ", ".join(absent.head(NAMED)) + more
        told = (dataset, len(absent), len(names), named)
        log.warning("%s: %d of %d readers were timed on no word: %s", *told)
    same = pd.Series([column.tobytes() for column in assembly.measured.T]).duplicated() & timed
    if same.any():
        raise InputError(
            "reader who is there twice",
            where=assembly.path,
            got=f"{names[same].iloc[0]}, the same times as another",
            do="Remove one of the two.",
        )
    return assembly.units_where(~names.isin(LEFT_OUT) & timed)


def _positive(assembly: Assembly) -> NDArray[np.float64]:
    """Check that reading times are positive and finite where they are known."""
    wrong = (assembly.measured <= 0) | np.isinf(assembly.measured)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            "no reading time",
            where=f"{assembly.path}, word {assembly.stimuli['word'].iloc[row]!r}",
            expected="a positive number, or NaN where a word was not timed",
            got=assembly.measured[row, column],
        )
    return assembly.measured


def mean_reader(times: NDArray[np.float64]) -> Subject:
    """Log mean reading times of the mean reader, shape (n_words, 1), and their ceiling.

    There is no ceiling, which is told of, where readers share too few words.

    Parameters
    ----------
    times : ndarray, shape (n_words, n_readers)
        Milliseconds; NaN where a reader was not timed.
    """
    response = np.log(np.nanmean(times, axis=1))
    agreement = split_half_agreement(times)
    ceiling = np.nan if np.isnan(agreement) else bound_of_the_mean(agreement, 2)
    if np.isnan(ceiling):
        log.warning("no ceiling: no two halves of the readers were timed on %d words", SHARED)
    targets = target_table([READING_TIME], [READING_TIME], [""], ceiling=ceiling)
    return Subject(GROUP, response[:, None].astype(np.float32), targets)


def split_half_agreement(times: NDArray[np.float64]) -> float:
    """Correlation of the log mean times of two halves of the readers, mean over random halves.

    Words that one half was not timed on are left out of that pair of halves, and halves that share
    fewer than `SHARED` words, or times of which one does not vary, altogether; NaN if none is left.
    """
    rng = np.random.default_rng(SEED)
    readers = times.shape[1]
    found = []
    for _ in range(HALVES):
        order = rng.permutation(readers)
        halves = [times[:, part] for part in np.array_split(order, 2)]
        both = np.all([np.isfinite(half).any(axis=1) for half in halves], axis=0)
        if both.sum() < SHARED:
            continue
        one, two = (np.log(np.nanmean(half[both], axis=1)) for half in halves)
        if np.ptp(one) > 0 and np.ptp(two) > 0:
            found.append(np.corrcoef(one, two)[0, 1])
    return float(np.mean(found)) if found else np.nan
