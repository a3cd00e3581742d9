"""What the folder of plots holds: pictures and their data, by the name of the file."""

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.results.shown import of_first_model, shown_subject
from stages.plots.kit.averages import Files
from stages.plots.story.agreement import feature_scatter
from stages.plots.story.bars import grouped_bars
from stages.plots.story.curves import layer_curves
from stages.plots.story.heads import head_map
from stages.plots.story.heat_maps import heat_map, type_map
from stages.plots.story.profiles import (
    ALL,
    contrast_table,
    features_table,
    mean_kappa,
    similarity_table,
)
from stages.plots.story.similarity_map import similarity_map
from stages.plots.story.tables import decoding_table, encoding_table, heads_table, probing_table

# Tables of results, and the stages that make them.
RESULTS = {
    "encode": "survey_story",
    "probe": "survey_story",
    "decode": "decode",
    "profile": "profile",
}


def story_files(
    encode: pd.DataFrame, probe: pd.DataFrame, decode: pd.DataFrame, profile: pd.DataFrame
) -> Files:
    """Draw all of the story study, from the results of each measure."""
    encoded, probed, profiled = (of_first_model(table) for table in (encode, probe, profile))
    files = encoding_files(encoded) | probing_files(probed) | decoding_files(decode)
    return files | profile_files(profiled, decode, probed)


def encoding_files(encoded: pd.DataFrame) -> Files:
    """Draw what layers predict of regions."""
    table, title = encoding_table(encoded), f"Layers to brain: {_subtitle(encoded)}"
    return {
        "encode/regions.csv": table,
        "encode/regions.png": heat_map(table, "region", title),
        "encode/layers.png": layer_curves(table, title),
    }


def probing_files(probed: pd.DataFrame) -> Files:
    """Draw what layers, and heads if attention was described, carry of features."""
    families, heads = probing_table(probed), heads_table(probed)
    study = f"{probed['dataset'].iloc[0]}, {probed['model'].iloc[0]}"
    files: Files = {
        "probe/families.csv": families,
        "probe/families.png": heat_map(families, "type", f"Layers to features: {study}"),
        "probe/heads.csv": heads,
    }
    if len(heads):
        files["probe/heads.png"] = head_map(heads, f"Attention heads to features: {study}")
    return files


def decoding_files(decoded: pd.DataFrame) -> Files:
    """Draw what regions carry of features; no picture if none was decoded."""
    table = decoding_table(decoded)
    files: Files = {"decode/regions.csv": table}
    if len(table):
        files["decode/regions.png"] = type_map(table, f"Brain to features: {_subtitle(decoded)}")
    return files


def profile_files(profiled: pd.DataFrame, decoded: pd.DataFrame, probed: pd.DataFrame) -> Files:
    """Draw how alike regions and layers are; no picture if they were not compared."""
    similar = similarity_table(profiled)
    whole, within = (similar[(similar["family"] == ALL) == one] for one in (True, False))
    contrast, features = contrast_table(profiled), features_table(decoded, probed)
    files: Files = {
        "profile/regions.csv": whole,
        "profile/families.csv": within,
        "profile/discourse_syntax.csv": contrast,
        "profile/features.csv": features,
    }
    if profiled.empty:
        return files
    title = f"Brain and layers, {{}}: {_subtitle(profiled)}"
    files |= {
        "profile/regions.png": similarity_map(whole, title.format("all features")),
        "profile/discourse_syntax.png": grouped_bars(contrast, title.format("within families")),
        "profile/features.png": feature_scatter(
            features, mean_kappa(profiled), title.format("every feature")
        ),
    }
    if len(within):
        files["profile/families.png"] = similarity_map(within, title.format("by family"))
    return files


def _subtitle(results: pd.DataFrame) -> str:
    """Name the recording, the model if there is one, and the subject shown."""
    subject = "subject average" if shown_subject(results) == GROUP else shown_subject(results)
    names = results["dataset"].iloc[0], results["model"].iloc[0], subject
    return ", ".join(name for name in names if name)
