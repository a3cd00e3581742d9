"""UCL's corpus (Frank et al. 2013; de Varda et al. 2023): ERP, reading times and surprisal."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.results.replications import RECOMPUTED
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.replicate.plain_tables import OBTAIN, read_plain
from stages.replicate.published_targets import Found, Target
from stages.replicate.relation_intervals import pearson_over

WORDS, PRINTED_TABLE = "ucl2013/all_measures.csv", "ucl2013/df_corr.csv"
PUNCTUATION = r"[.,']"
PAIRS = {
    "GPT-2 XL ~ N400": ("s_GPT2_xl", "N400", "-.285"),
    "cloze surprisal ~ N400": ("cloze_s", "N400", "-.259"),
    "rating ~ N400": ("rating_mean", "N400", ".298"),
    "GPT-2 XL ~ self-paced reading": ("s_GPT2_xl", "self_paced_reading_time", ".169"),
}
FAR = "greatest difference of all correlations from the printed table"


def _targets() -> Iterator[Target]:
    yield Target("words", "1726", 0.0, RECOMPUTED)
    yield Target("words without full stop, comma or apostrophe", "1487", 0.0, RECOMPUTED)
    for name, (_, _, value) in PAIRS.items():
        yield Target(name, value, 0.001, note="words without punctuation")
    yield Target("GPT-2 XL ~ N400, all words", ".063", 0.001, RECOMPUTED, "the sign turns")
    yield Target(FAR, "0", 1e-6, note="31 × 31")


TARGETS = tuple(_targets())


def derive_ucl(files: Mapping[str, Path]) -> dict[str, Found]:
    """Correlate over words, and hold all correlations against the authors' table.

    Raises
    ------
    InputError
        If a table is unreadable or lacks a measure.
    """
    try:
        theirs = pd.read_csv(require_file(files[PRINTED_TABLE], OBTAIN), index_col=0).astype(float)
        theirs = theirs.loc[theirs.columns]
    except (KeyError, ValueError) as error:
        where = files[PRINTED_TABLE]
        raise InputError("unreadable table", where=where, got=error, do=OBTAIN) from error
    measures = [str(name) for name in theirs.columns]
    table = read_plain(files[WORDS], ("word",), measures)
    plain = ~table["word"].str.contains(PUNCTUATION, regex=True)
    some = table[plain]
    found = {
        "words": Found(len(table), n=len(table)),
        "words without full stop, comma or apostrophe": Found(len(some), n=len(table)),
        "GPT-2 XL ~ N400, all words": _r(table, "s_GPT2_xl", "N400"),
    }
    found |= {name: _r(some, x, y) for name, (x, y, _) in PAIRS.items()}
    apart = (some[measures].corr() - theirs).abs().to_numpy()
    return found | {FAR: Found(float(apart.max()), n=len(some))}


def _r(words: pd.DataFrame, x: str, y: str) -> Found:
    return pearson_over(words[x].to_numpy(np.float64), words[y].to_numpy(np.float64))
