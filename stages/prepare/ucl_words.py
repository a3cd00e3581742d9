"""UCL's corpus: potentials and reading times of words in sentences (Frank et al. 2013, 2015)."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.names.story_regions import ERP_COMPONENTS, EYE_TRACKING, READING_TIME
from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import PrepareStory
from stages.core.recording.types import Recording, Subject
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.lexical import first_places, lexical_features, nuisance_variables
from stages.prepare.subjects import select_subjects
from stages.prepare.usable_targets import target_table

logger = logging.getLogger("concord.prepare")

MEASURES = "ucl2013/all_measures.csv"
OBTAIN = "Restore the file from where it was fetched."
SENTENCE, PLACE = "sent_id", "context_length"
# Columns of the table by the names of the measures.
TIMES = dict(
    zip(EYE_TRACKING, ("RTfirstfix", "RTfirstpass", "RTrightbound", "RTgopast"), strict=True)
)
COLUMNS = dict(zip(ERP_COMPONENTS, ERP_COMPONENTS, strict=True)) | TIMES
COLUMNS[READING_TIME] = "self_paced_reading_time"
PUNCTUATION = r"[.,']"


def load_ucl(files: Mapping[str, Path], settings: PrepareStory) -> Recording:
    """Load the sentences, and what readers do at each of their words.

    Each word is a stimulus. It is a sample if it was measured, as first words of sentences were
    not, and holds none of `. , '`, the filter of de Varda et al. (2023): readers wrap up at the end
    of a sentence, which turns the sign of what surprisal does to the N400. Onsets and durations are
    in words: the position in the sentence, from 0, and 1. The only subject, `group`, is the mean
    over readers. Self-paced reading times are logarithms; eye-tracking times are not, since they
    are means to which a skipped word adds 0: their logarithms would be those of skipping. The
    surprisals and cloze values of the table are not loaded: first words have none.

    Parameters
    ----------
    files : mapping of str to Path
        By name in the mirror folder.
    settings : PrepareStory
        Only `subjects` and `smoothing` are looked at.

    Raises
    ------
    InputError
        If the table is damaged, or a parameter means nothing here.
    """
    if settings.smoothing:
        raise InputError(
            "no voxels to smooth",
            where="params.yaml: story.prepare.smoothing",
            expected="0 for ucl2013",
        )
    select_subjects(settings.subjects, [GROUP])
    table = read_measures(files[MEASURES])
    stimuli = sentence_words(table)
    measured = stimuli["sample"] != ""
    samples = stimuli.loc[measured, ["id", "run", "onset"]].reset_index(drop=True)
    return Recording(
        dataset="ucl2013",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=samples,
        subjects=[mean_reader(table, list(samples["id"]))],
        features=lexical_features(stimuli),
        nuisance=nuisance_variables(stimuli)
        .drop(columns="word_rate")
        .assign(position=stimuli["onset"])
        .join(first_places(stimuli["onset"])),
        sources={MEASURES: sha256(files[MEASURES])},
    )


def read_measures(path: Path) -> pd.DataFrame:
    """Read the table, by sentences: in the order of their second words in it, which is random.

    The numbers of sentences rise with their lengths, so that successive ones would be alike.

    Returns
    -------
    DataFrame
        Columns word, sentence, sent_id, context_length (position in the sentence, from 0) and
        `COLUMNS`; index: sentence and position, with a point between them.

    Raises
    ------
    InputError
        If a column is missing or not of finite numbers, or words are not those of their sentence.
    """
    numbers = [SENTENCE, PLACE, *COLUMNS.values()]
    try:
        texts = {"word": str, "sentence": str}
        table = read_delimited(path, OBTAIN, keep_default_na=False, dtype=texts)
        table = table[["word", "sentence", *numbers]].astype(dict.fromkeys(numbers, float))
    except (KeyError, ValueError) as error:
        raise InputError("unreadable table", where=path, got=error, do=OBTAIN) from error
    if table.empty or not np.isfinite(table[numbers].to_numpy()).all():
        raise InputError("table without rows, or with gaps", where=path, do=OBTAIN)
    table = table.astype(dict.fromkeys([SENTENCE, PLACE], int))
    seconds = list(table.loc[table[PLACE] == 1, SENTENCE])
    order = {sentence: place for place, sentence in enumerate(seconds)}
    table["order"] = table[SENTENCE].map(order)
    table = table.sort_values(["order", PLACE]).drop(columns="order")
    table.index = pd.Index(table[SENTENCE].astype(str) + "." + table[PLACE].astype(str))
    for sentence, words in table.groupby(SENTENCE, sort=False):
        told = words["sentence"].iloc[0].split()
        if list(words["word"]) != told[1:] or list(words[PLACE]) != list(range(1, len(told))):
            where = f"{path}, sentence {sentence}"
            got = list(words["word"])
            raise InputError("words of another sentence", where=where, expected=told[1:], got=got)
    return table


def sentence_words(table: pd.DataFrame) -> pd.DataFrame:
    """Stimuli, first words included, each its own sample if it is one; the others are logged."""
    sentences = table.drop_duplicates(SENTENCE).set_index(SENTENCE)["sentence"]
    rows = [
        (f"{sentence}.{place}", word, str(sentence), float(place))
        for sentence, text in sentences.items()
        for place, word in enumerate(text.split())
    ]
    stimuli = pd.DataFrame(rows, columns=["id", "text", "run", "onset"]).assign(duration=1.0)
    first, marked = stimuli["onset"] == 0, stimuli["text"].str.contains(PUNCTUATION, regex=True)
    logger.info(
        "%d of %d words are no samples: %d begin a sentence, %d others hold one of . , '",
        *(
            int((first | marked).sum()),
            len(stimuli),
            int(first.sum()),
            int((marked & ~first).sum()),
        ),
    )
    return stimuli.assign(sample=stimuli["id"].where(~first & ~marked, ""))


def mean_reader(table: pd.DataFrame, ids: list[str]) -> Subject:
    """Measures of the mean reader at some words, shape (n_words, n_measures), without a ceiling."""
    responses = table.loc[ids, list(COLUMNS.values())].to_numpy(np.float64)
    timed = list(COLUMNS).index(READING_TIME)
    if (responses[:, timed] <= 0).any():
        raise InputError("reading time of no time", where=MEASURES, expected="milliseconds above 0")
    responses[:, timed] = np.log(responses[:, timed])
    targets = target_table(list(COLUMNS), list(COLUMNS), [""] * len(COLUMNS))
    return Subject(GROUP, responses.astype(np.float32), targets)
