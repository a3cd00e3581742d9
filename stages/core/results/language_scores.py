"""The tables of the language study: recordings of words beside models, one row each.

The name of a recording says so where folds were shuffled (`stages.core.results.leaks`).
Of scores: a row is a region of a recording, or `all` but the control networks, and a model.
`subject` is whose responses are predicted: the average, or the only subject. `score` is the
held-out correlation of the layer that inner folds choose (`layer`, the most frequent choice), with
its 95 % interval over other stimuli; `beyond` is that beyond nuisance variables. `nuisance`, `oasm`
and `onset` are the scores of controls. `normalised` is the score over `ceiling`, and missing where
that is below `CLEAR`, or people do not clearly agree (`people_ceiling_low`). Its interval is given
the ceiling. Those with `people` in front are means over people, over the ceiling of
infinitely many others and its interval. `surprisal` is the correlation with how unexpected words
were to the model, and `surprisal_beyond` the partial one given nuisance variables. Of `all`, scores
and ceilings are means over regions, and the quotient is that of these means over the regions that
have a ceiling; surprisal, whose correlations have signs of their own, is missing.

Of words: the roll of the models, as the survey has it, and how well each predicts the very words of
a recording, where it predicts any.
"""

from pathlib import Path

import pandas as pd

from stages.core.results.survey import TABLES
from stages.core.results.typed_tables import Columns, flag, number, read_typed, text
from stages.core.run.origins import together

EVERYWHERE = "all"
CLEAR = 0.1  # the least ceiling by which a score is divided
DO = "Run `dvc repro data/language/dvc.yaml:survey_language`."

SCORES: Columns = (
    text("recording", "region", "model", "architecture")
    | flag("trained")
    | text("subject", "layer")
    | number("depth", "score", "low", "high", "null_mean", "q", "beyond", "beyond_q")
    | number("nuisance", "oasm", "onset")
    | number("ceiling", "normalised", "normalised_low", "normalised_high")
    | text("ceiling_kind")
    | number("people", "people_score", "people_ceiling", "people_ceiling_low")
    | number("people_ceiling_high", "people_normalised")
    | number("surprisal", "surprisal_p", "surprisal_beyond", "surprisal_beyond_p")
)

WORDS: Columns = text("recording") | dict(TABLES["models"]) | number("bits_per_byte")

# Scores of every layer, of the same subject, means over its targets.
LAYERS: Columns = text("recording", "region", "model", "layer") | number(
    "depth", "score", "null_mean", "null_sd", "beyond"
)

# The language network beside a control network, in the people who have both.
NETWORKS: Columns = (
    text("recording", "model", "network")
    | number("score", "control_score", "ceiling", "control_ceiling", "people")
    | number("difference", "low", "high", "effect", "p", "q")
    | text("q_family")
)

# How often inner folds choose each layer.
PREFERENCES: Columns = text("recording", "model", "region", "layer") | number(
    "depth", "targets", "share"
)


def read_language_scores(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the tables `scores`, `words` and `layers` of a folder.

    Raises
    ------
    InputError
        As `stages.core.results.survey.read_tables` does.
    """
    tables = {"scores": SCORES, "words": WORDS, "layers": LAYERS}
    paths = {name: folder / f"{name}.parquet" for name in tables}
    together(*paths.values(), do=DO)
    return {name: read_typed(path, tables[name], DO) for name, path in paths.items()}
