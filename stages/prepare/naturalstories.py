"""The Natural Stories: ten texts with self-paced reading times (Futrell et al. 2021)."""

import csv
import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.names.story_regions import READING_TIME
from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import PrepareStory
from stages.core.recording.types import Recording, Subject
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.lexical import lexical_features, nuisance_variables
from stages.prepare.subjects import select_subjects
from stages.prepare.usable_targets import NAMED, target_table

logger = logging.getLogger("concord.prepare")

WORDS = "naturalstories/all_stories.tok"
READING_TIMES = "naturalstories/processed_wordinfo.tsv"
KEY = ["item", "zone"]
# Milliseconds in which a word can be read: in the release, means are from 257 to 1132.
LIKELY = (50, 20_000)
STATISTICS = ["nItem", "meanItemRT", "sdItemRT"]


def load_naturalstories(files: Mapping[str, Path], settings: PrepareStory) -> Recording:
    """Load the words of the stories and their mean reading times.

    Each word is a stimulus and, if it has reading times, a sample. Onsets and durations are in
    words: the position in the story, from 0, and 1. The only subject, `group`, is the mean over
    readers; its response is the logarithm of the mean reading time in milliseconds, neither
    detrended nor standardised.

    Parameters
    ----------
    files : mapping of str to Path
        By name in the mirror folder.
    settings : PrepareStory
        Only `subjects` and `smoothing` are looked at.

    Raises
    ------
    InputError
        If the files do not hold the same words, or a parameter means nothing here.
    """
    if settings.smoothing:
        raise InputError(
            "no voxels to smooth",
            where="params.yaml: story.prepare.smoothing",
            expected="0 for naturalstories",
        )
    select_subjects(settings.subjects, [GROUP])
    words = join_words(read_rows(files[WORDS], []), read_rows(files[READING_TIMES], STATISTICS))
    timed = has_reading_times(words)
    stimuli = stimulus_table(words, timed)
    samples = stimuli.loc[timed, ["id", "run", "onset"]].reset_index(drop=True)
    return Recording(
        dataset="naturalstories",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=samples,
        subjects=[mean_reader(words[timed])],
        features=lexical_features(stimuli),
        nuisance=nuisance_variables(stimuli).assign(position=stimuli["onset"]),
        sources={name: sha256(files[name]) for name in (WORDS, READING_TIMES)},
    )


def read_rows(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read a table of words: word, item, zone and the given columns of numbers.

    Raises
    ------
    InputError
        If a column is missing or does not hold numbers, or a position occurs twice.
    """
    table = read_delimited(
        path,
        "Restore the file of the release.",
        sep="\t",
        quoting=csv.QUOTE_NONE,
        keep_default_na=False,
        na_values={name: ["", "NA"] for name in columns},
    )
    for name in ["word", *KEY, *columns]:
        if name not in table.columns:
            raise InputError("column missing", where=path, expected=name, got=list(table.columns))
    for name in [*KEY, *columns]:
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise InputError("wrong type", where=f"{path}, column {name}", expected="numbers")
    repeated = table.duplicated(KEY)
    if repeated.any():
        raise InputError("duplicate word", where=path, got=_position(table[repeated].iloc[0]))
    return table[["word", *KEY, *columns]].astype({"word": str})


def join_words(words: pd.DataFrame, times: pd.DataFrame) -> pd.DataFrame:
    """Join words and reading times by story and position, in order.

    Raises
    ------
    InputError
        If a story's positions are not 1, 2, …, a word is in the second table alone, or the two
        differ at a position.
    """
    words = words.sort_values(KEY).reset_index(drop=True)
    gap = words["zone"] != words.groupby("item").cumcount() + 1
    if gap.any():
        raise InputError("words out of order", where=WORDS, got=_position(words[gap].iloc[0]))
    joined = words.merge(times, on=KEY, how="outer", suffixes=("", "_timed"), indicator=True)
    extra = joined[joined["_merge"] == "right_only"]
    if len(extra):
        raise InputError("word without a text", where=READING_TIMES, got=_position(extra.iloc[0]))
    differ = joined[(joined["_merge"] == "both") & (joined["word"] != joined["word_timed"])]
    if len(differ):
        row = differ.iloc[0]
        raise InputError(
            "words differ",
            where=f"{WORDS} and {READING_TIMES}, {_position(row)}",
            expected=repr(row["word"]),
            got=repr(row["word_timed"]),
        )
    return joined.drop(columns=["word_timed", "_merge"])


def has_reading_times(words: pd.DataFrame) -> pd.Series:
    """Which words at least two readers were timed on; the others are logged.

    Raises
    ------
    InputError
        If a mean or a spread cannot be one of reading times: one such word would hide the rest.
    """
    several = words["nItem"] >= 2
    likely = words["meanItemRT"].between(*LIKELY) & words["sdItemRT"].between(0, LIKELY[1])
    given = words["meanItemRT"].notna() & words["sdItemRT"].notna()
    odd = words[several & given & ~likely]
    if len(odd):
        row = odd.iloc[0]
        raise InputError(
            "no reading time",
            where=f"{READING_TIMES}, {_position(row)}",
            expected=f"a mean of {LIKELY[0]} to {LIKELY[1]} ms, with a spread of as much at most",
            got=f"{row['meanItemRT']:g}, {row['sdItemRT']:g}",
        )
    timed = several & given
    rest = words[~timed]
    if len(rest):
        logger.info(
            "%d of %d words are no samples, timed on fewer than two readers: %s%s",
            *(len(rest), len(words)),
            ", ".join(f"{row.item}.{row.zone} {row.word}" for row in rest.head(NAMED).itertuples()),
            ", …" if len(rest) > NAMED else "",
        )
    return timed


def stimulus_table(words: pd.DataFrame, timed: "pd.Series[bool]") -> pd.DataFrame:
    """Stimuli, each its own sample if it is timed."""
    ids = words["item"].astype(str) + "." + words["zone"].astype(str)
    return pd.DataFrame(
        {
            "id": ids,
            "text": words["word"],
            "run": words["item"].astype(str),
            "onset": words["zone"] - 1.0,
            "duration": 1.0,
            "sample": ids.where(timed, ""),
        }
    )


def mean_reader(words: pd.DataFrame) -> Subject:
    """Log mean reading times of the mean reader, shape (n_words, 1), and their ceiling."""
    response = np.log(words["meanItemRT"].to_numpy(float))
    targets = target_table([READING_TIME], [READING_TIME], [""], ceiling=noise_ceiling(words))
    return Subject(GROUP, response[:, None].astype(np.float32), targets)


def noise_ceiling(words: pd.DataFrame) -> float:
    """Highest correlation with the log mean reading times that a model can expect.

    The variance of a logarithm is, to first order, the squared coefficient of variation, and
    that of a mean over n readers 1/n of it. The ceiling is the square root of the share of the
    variance between the words of a story that this noise leaves.

    Parameters
    ----------
    words : DataFrame
        Columns item, nItem, meanItemRT and sdItemRT.
    """
    log_mean = np.log(words["meanItemRT"])
    noise = (words["sdItemRT"] / words["meanItemRT"]) ** 2 / words["nItem"]
    deviation = log_mean - log_mean.groupby(words["item"]).transform("mean")
    variance = float((deviation**2).mean())
    return float(np.sqrt(max(0.0, 1 - float(noise.mean()) / variance)))


def _position(row: "pd.Series[str]") -> str:
    return f"story {row['item']}, word {row['zone']} ({row['word']!r})"
