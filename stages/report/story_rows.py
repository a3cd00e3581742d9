"""The story study as rows: layers beside regions, features in layers, heads and regions."""

from pathlib import Path

import pandas as pd

from stages.core.names.features import feature_type
from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.results import read_results
from stages.core.results.shown import shown_subject
from stages.core.results.upheld import upheld

METRICS = ["r", "r_partial"]
LAYERS = ["hidden", "attention"]
PROFILES = ["spearman", "spearman_preference"]
_NUMBERS = ["score", "null_mean", "null_sd", "ceiling"]


def read_encoding(path: Path) -> pd.DataFrame:
    """Read the table of encode and average it over voxels; see `encoding_rows`."""
    return encoding_rows(read_results(path, "encode", "Run `dvc repro survey_story`."))


def encoding_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r over the voxels of each region, of the subjects' average or the first.

    Returns
    -------
    DataFrame
        Columns dataset, subject, model, region, layer, kind, metric, score, null_mean, null_sd,
        ceiling, and q, the median over voxels.
    """
    if results.empty:
        return results
    rows = results[results["metric"].isin(METRICS) & (results["kind"] != "head")]
    rows = rows[rows["subject"] == shown_subject(results)]
    by = ["dataset", "subject", "model", "region", "layer", "kind", "metric"]
    cells = rows.groupby(by, sort=False)
    means = {name: (name, "mean") for name in _NUMBERS}
    return cells.agg(**means, q=("q", "median")).reset_index()


def read_probing(path: Path) -> pd.DataFrame:
    """Read the table of probe and average it by type of feature; see `probing_rows`."""
    return probing_rows(read_results(path, "probe", "Run `dvc repro survey_story`."))


def probing_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by model, layer and type of feature.

    Returns
    -------
    DataFrame
        Columns model, layer, type, family, score, null_mean, null_sd, ceiling, features, and
        upheld: the share of the features with q below .05 in every test.
    """
    rows = upheld(results[results["kind"].isin(LAYERS)])
    return _by_type(rows, "model", "layer")


def read_heads(path: Path) -> pd.DataFrame:
    """Read the heads of the table of probe and average them by type of feature; see `head_rows`."""
    return head_rows(read_results(path, "probe", "Run `dvc repro survey_story`."))


def head_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by model, attention head and type of feature.

    Returns
    -------
    DataFrame
        As `probing_rows` has them, with layer of a head (`attention_01`), head (`head_01`), and q
        against shifts alone. There are no rows if no attention was described.
    """
    rows = results[(results["kind"] == "head") & (results["metric"] == "r")]
    table = _by_type(rows, "model", "layer")
    parts = table["layer"].str.rsplit(".", n=1)
    return table.assign(layer=parts.str[0], head=parts.str[-1])


def read_profiles(path: Path) -> pd.DataFrame:
    """Read the table of profile; see `profile_rows`."""
    return profile_rows(read_results(path, "profile", "Run `dvc repro profile`."))


def profile_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Keep how profiles of regions and layers correlate, of the subjects' average or the first.

    Returns
    -------
    DataFrame
        Columns subject, model, region, layer, kind, family, metric (Spearman's correlation, or how
        far it is beyond that of the layer with other regions), score, null_mean, ceiling and q.
    """
    rows = results[results["metric"].isin(PROFILES)]
    if len(rows):
        rows = rows[rows["subject"] == shown_subject(rows)]
    what = ["subject", "model", "region", "layer", "kind", "family", "metric"]
    return rows[[*what, "score", "null_mean", "ceiling", "q"]].reset_index(drop=True)


def read_decoding(path: Path) -> pd.DataFrame:
    """Read the table of decode and average it by type of feature; see `decoding_rows`."""
    return decoding_rows(read_results(path, "decode", "Run `dvc repro decode`."))


def decoding_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by region and type of feature, of the subjects' average or the first.

    Returns
    -------
    DataFrame
        Columns subject, region, type, family, and numbers as `probing_rows` has them.
    """
    rows = results[(results["kind"] == "frem") & (results["metric"] == "r")]
    if len(rows):
        rows = rows[rows["subject"] == shown_subject(rows)]
    return _by_type(rows, "subject", "region")


def _by_type(rows: pd.DataFrame, *by: str) -> pd.DataFrame:
    made = rows.assign(
        type=[feature_type(name) for name in rows["target"]], upheld=rows["q"] < SIGNIFICANT
    )
    cells = made.groupby([*by, "type", "family"], sort=False)
    means = {name: (name, "mean") for name in (*_NUMBERS, "upheld")}
    return cells.agg(**means, features=("target", "nunique")).reset_index()
