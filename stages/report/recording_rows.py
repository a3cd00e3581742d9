"""The language study as rows: recordings beside models, their layers, ceilings and networks."""

from pathlib import Path

import pandas as pd

from stages.core.results.language_scores import (
    DO,
    EVERYWHERE,
    NETWORKS,
    read_language_scores,
)
from stages.core.results.leaks import unmarked
from stages.core.results.story_ceilings import CEILING_COLUMNS
from stages.core.results.typed_tables import read_typed
from stages.core.run.files import lies_there
from stages.report.page_notes import left_out

# Rows of layers that a page holds beside those of the scene study.
MOST_LAYERS = 60_000
DO_CEILINGS = "Run `dvc repro data/language/dvc.yaml:ceilings_language`."
SCORES = ["recording", "region", "model", "architecture", "subject", "layer", "score", "low"]
SCORES += ["high", "null_mean", "q", "beyond", "beyond_q", "nuisance", "ceiling", "normalised"]
SCORES += ["ceiling_kind", "people", "people_score", "people_normalised", "surprisal"]
SCORES += ["surprisal_p"]
LAYERS = ["recording", "region", "model", "layer", "score", "null_mean", "null_sd", "beyond"]
LIMITS = ["dataset", "region", "subject", "kind", "curve", "ceiling", "low", "high", "subjects"]


def read_language(folder: Path) -> dict[str, pd.DataFrame]:
    """Read what is shown of the language study.

    Parameters
    ----------
    folder : Path
        Of the tables of the survey, with the ceilings of each recording in `ceilings`; where there
        is no such folder, there are no ceilings.

    Returns
    -------
    dict of str to DataFrame
        `language_scores` (regions, and `all`, beside models), `language_layers` (of the best models
        while a page holds them), `language_networks`, `language_limits` and `language_left_out`.

    Raises
    ------
    InputError
        If a table is missing or unreadable, or was made from something else than the others.
    """
    tables = read_language_scores(folder)
    layers, lines = layers_held(tables["layers"], tables["scores"])
    made = {
        "language_scores": tables["scores"][SCORES],
        "language_layers": layers[LAYERS],
        "language_networks": read_typed(folder / "networks.parquet", NETWORKS, DO),
        "language_left_out": left_out("language", *lines),
    }
    names = tables["scores"]["recording"].unique()
    if lies_there(folder / "ceilings") and len(names):
        made["language_limits"] = pd.concat(
            [_limits(folder / "ceilings" / f"{unmarked(name)}.parquet") for name in names],
            ignore_index=True,
        )
    return made


def _limits(path: Path) -> pd.DataFrame:
    return read_typed(path, CEILING_COLUMNS, DO_CEILINGS)[LIMITS]


def layers_held(layers: pd.DataFrame, scores: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Keep the layers of the best models, by their mean over recordings, while a page holds them.

    Returns
    -------
    DataFrame, list of str
        The rows, and what is left out.
    """
    if len(layers) <= MOST_LAYERS:
        return layers, []
    whole = scores[scores["region"] == EVERYWHERE]
    means = whole.groupby("model", sort=False)["score"].mean().sort_values(ascending=False)
    totals = layers["model"].value_counts().reindex(means.index).fillna(0).cumsum()
    held = totals.index[totals <= MOST_LAYERS]
    return layers[layers["model"].isin(held)], [f"layers of all but the best {len(held)} models"]
