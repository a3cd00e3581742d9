"""What the folder of plots holds: pictures and their data, by the name of the file."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.vocabulary import GROUP
from stages.core.results.stage_rows import Stage
from stages.plots.kit.asymptotes import CAPTION as CEILINGS
from stages.plots.kit.asymptotes import asymptotes, extrapolated
from stages.plots.kit.model_lines import model_lines
from stages.plots.kit.picture import Files, Picture, counted
from stages.plots.kit.planted import Truth
from stages.plots.story.agreement import feature_scatter
from stages.plots.story.bars import grouped_bars
from stages.plots.story.chosen_layers import best_dots
from stages.plots.story.curves import layer_curves
from stages.plots.story.heads import head_map
from stages.plots.story.heat_maps import heat_map, type_map
from stages.plots.story.model_curves import model_curves
from stages.plots.story.model_tables import (
    by_model,
    chosen_layers,
    encoding_models,
    probing_models,
    twins,
)
from stages.plots.story.profiles import (
    ALL,
    contrast_table,
    features_table,
    mean_kappa,
    similarity_table,
)
from stages.plots.story.similarity_map import similarity_map
from stages.plots.story.story_captions import CAPTIONS, facts, heading
from stages.plots.story.tables import decoding_table, encoding_table, heads_table, probing_table

# Tables of results, and the stages that make them.
RESULTS: Mapping[Stage, str] = {
    "encode": "survey_story",
    "probe": "survey_story",
    "decode": "decode",
    "profile": "profile",
}
# Pictures that are drawn from the table of another.
DRAWN_FROM = {"layers": "regions"}


def story_files(
    models: pd.DataFrame,
    encode: pd.DataFrame,
    probe: pd.DataFrame,
    decode: pd.DataFrame,
    profile: pd.DataFrame,
    *,
    truth: Truth | None = None,
) -> Files:
    """Draw all of the story study.

    Parameters
    ----------
    models : DataFrame
        The roll: the model that the study is about, its untrained twin, and others.
    encode, probe, decode, profile : DataFrame
        Results of each measure; those of the models in the order of the roll.
    truth : mapping of str to Planted, optional
        By region, what drives it, where that is known.
    """
    ran = models[models["error"] == ""]
    files = encoding_files(encode, ran, truth) | probing_files(probe, ran) | decoding_files(decode)
    return files | profile_files(profile, decode, probe, ran)


def encoding_files(encode: pd.DataFrame, models: pd.DataFrame, truth: Truth | None = None) -> Files:
    """Draw what layers predict of regions."""
    names = twins(models)
    tables = {name: encoding_table(rows) for name, rows in by_model(encode, names).items()}
    compared = encoding_models(encode, models)
    best = chosen_layers(compared)
    pair = heading("Layers to brain", encode, " and ".join(names))
    every, where = counted(len(models), "model"), "Layers to brain, chosen in the inner folds"
    lines = model_lines(models)
    pictures = {
        "regions": heat_map(tables, "region", pair, truth),
        "layers": layer_curves(tables, pair),
        "models": model_curves(
            compared, "region", lines, heading("Layers to brain", encode, every)
        ),
        "best": best_dots(best, lines, heading(where, encode, every)),
    }
    files = _beside("encode/regions", tables)
    files |= {"encode/models.csv": compared, "encode/best.csv": best}
    told = facts(encode, names, len(models), truth)
    return files | _told("encode", pictures, told)


def ceiling_files(ceilings: pd.DataFrame, points: pd.DataFrame) -> Files:
    """Draw how ceilings are extrapolated; no picture where none is."""
    shown = extrapolated(ceilings)
    files: Files = {"encode/ceilings.csv": ceilings, "encode/ceiling_points.csv": points}
    if shown.empty:
        return files
    title = heading("Ceilings, extrapolated to infinitely many subjects", ceilings, "")
    people = set(points["subject"]) - {GROUP}
    caption = CEILINGS.format(
        regions=counted(len(shown), "region"), people=counted(len(people), "subject")
    )
    picture = Picture(asymptotes(shown, points, title), caption, "encode/ceilings.csv")
    return files | {"encode/ceilings.png": picture}


def probing_files(probe: pd.DataFrame, models: pd.DataFrame) -> Files:
    """Draw what layers, and heads if attention was described, carry of features."""
    names = twins(models)
    rows = by_model(probe, names)
    families = {name: probing_table(one) for name, one in rows.items()}
    heads = {name: heads_table(one) for name, one in rows.items()}
    compared = probing_models(probe, models)
    both, every = " and ".join(names), counted(len(models), "model")
    pictures = {
        "families": heat_map(families, "type", heading("Layers to features", probe, both)),
        "models": model_curves(
            compared, "type", model_lines(models), heading("Layers to features", probe, every)
        ),
    }
    if all(map(len, heads.values())):
        pictures["heads"] = head_map(heads, heading("Attention heads to features", probe, both))
    files = _beside("probe/families", families) | _beside("probe/heads", heads)
    told = facts(probe, names, len(models))
    return files | {"probe/models.csv": compared} | _told("probe", pictures, told)


def decoding_files(decode: pd.DataFrame) -> Files:
    """Draw what regions carry of features; no picture if none was decoded."""
    table = decoding_table(decode)
    files: Files = {"decode/regions.csv": table}
    if table.empty:
        return files
    figure = type_map(table, heading("Brain to features", decode, ""))
    told = facts(decode, [])
    return files | _told("decode", {"regions": figure}, told)


def profile_files(
    profile: pd.DataFrame, decode: pd.DataFrame, probe: pd.DataFrame, models: pd.DataFrame
) -> Files:
    """Draw how alike regions and layers are; no picture if they were not compared."""
    rows, probed = (by_model(results, twins(models)) for results in (profile, probe))
    similar = {name: similarity_table(one) for name, one in rows.items()}
    whole = {name: one[one["family"] == ALL] for name, one in similar.items()}
    within = {name: one[one["family"] != ALL] for name, one in similar.items()}
    contrast = {name: contrast_table(one) for name, one in rows.items()}
    features = {name: features_table(decode, one) for name, one in probed.items()}
    files = (
        _beside("profile/regions", whole)
        | _beside("profile/families", within)
        | _beside("profile/discourse_syntax", contrast)
        | _beside("profile/features", features)
    )
    if profile.empty:
        return files
    apart = profile.assign(split=" ".join(decode["split"].unique()))
    titles = [
        heading(f"Brain and layers, {what}", apart, " and ".join(rows))
        for what in ("all features", "by family", "within families", "every feature")
    ]
    kappas = [mean_kappa(one) for one in rows.values()]
    pictures = {"regions": similarity_map(whole, titles[0])}
    if all(map(len, within.values())):
        pictures["families"] = similarity_map(within, titles[1])
    pictures["discourse_syntax"] = grouped_bars(contrast, titles[2])
    pictures["features"] = feature_scatter(features, kappas, titles[3])
    told = facts(profile, list(rows))
    return files | _told("profile", pictures, told)


def _beside(name: str, tables: Mapping[str, pd.DataFrame]) -> Files:
    """Name the files of a table of the model, and of its untrained twin."""
    ends = (".csv", "_untrained.csv")
    return {name + end: table for end, table in zip(ends, tables.values(), strict=False)}


def _told(folder: str, figures: Mapping[str, Figure], told: Mapping[str, str]) -> Files:
    """Add captions to pictures of a folder, and the tables that they are drawn from."""
    return {
        f"{folder}/{name}.png": Picture(
            figure,
            CAPTIONS[f"{folder}/{name}"].format_map(told),
            f"{folder}/{DRAWN_FROM.get(name, name)}.csv",
        )
        for name, figure in figures.items()
    }
