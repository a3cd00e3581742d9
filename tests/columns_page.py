"""Writes the dictionary of columns, docs/columns.md: `python -m tests.columns_page`."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from stages.core.results import (
    area_alignment,
    calibrations,
    context_lengths,
    encoded_images,
    family_scores,
    ladder,
    language_scores,
    language_tasks,
    left_out_scores,
    pairs,
    relations,
    replications,
    story_ceilings,
    survey,
)
from stages.core.results.rescored_scores import RESCORED
from stages.core.results.results import COLUMNS
from stages.core.results.text_losses import TEXT_LOSSES
from stages.share.column_meanings import OF_KIND, TOPICS, column_meaning
from stages.share.croissant import LANGUAGE_TABLES
from stages.share.croissant import TABLES as SHARED
from stages.trajectory.curves.curve_names import CURVE, SERIES
from stages.trajectory.leads.cross_tables import CROSS
from stages.trajectory.leads.lead_tables import RUN_LEADS
from stages.trajectory.leads.mean_lead_tables import LEADS
from stages.trajectory.onsets.order_tables import ORDER
from stages.trajectory.rises.control_tables import CONTROL_COURSES, CONTROLS
from stages.trajectory.rises.rise_tables import RISES
from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "columns.md"
# By kind, as `OF_KIND` has it: columns of the tables that Croissant describes ...
CONTRACTS: Mapping[str, Iterable[str]] = {
    **dict.fromkeys(("encode", "probe", "decode", "profile", "align_ceilings"), COLUMNS),
    "ceilings_story": story_ceilings.CEILING_COLUMNS,
    "ceilings_story_points": story_ceilings.POINT_COLUMNS,
    **dict.fromkeys(("story_models", "scene_models"), survey.TABLES["models"]),
    **dict.fromkeys(("story_pairs", "scene_pairs"), pairs.COLUMNS),
    **dict.fromkeys(("story_intervals", "scene_intervals"), pairs.INTERVALS),
    **{name: survey.TABLES[name] for name in survey.TABLES if name in SHARED},
    "relate": relations.RELATION_COLUMNS,
}
_RUN, _SERIES = ("of", "size", "seed", "weights"), tuple(SERIES)
_MEAN, _SHARED = ("of", "size", "weights"), ("low", "high", "n_runs", "n_left_out", "reason")
TRAJECTORIES: Mapping[str, tuple[str, Iterable[str]]] = {
    "curves": ("One curve per run, place and measure.", CURVE),
    "bands": (
        "Mean curves over runs.",
        (*_MEAN, "step", "seen", *_SERIES, "quantity", "mean", *_SHARED),
    ),
    "run_onsets": (
        "When each curve has made a share of its rise.",
        (
            *(*_RUN, *_SERIES, "choice", "shape", "rise", "noise", "p_shape", "peak_seen"),
            *("fallen", "unsettled", "share", "octave", "reason"),
        ),
    ),
    "onsets": (
        "Means of these over runs.",
        (*_MEAN, *_SERIES, "share", "octave", *_SHARED, "seen"),
    ),
    "run_leads": ("Alignment beside performance, run by run.", RUN_LEADS),
    "leads": ("Means of these.", LEADS),
    "order": ("Which regions and layers come first.", ORDER),
    "cross": ("What predicts what later, over runs.", CROSS),
    "rises": ("How far each family's alignment rises, over runs and over stimuli.", RISES),
    "controls": ("What each family gains beyond its control.", CONTROLS),
    "control_courses": ("The same at every step.", CONTROL_COURSES),
}
# ... and of the others: where they lie in the results, what they are, their columns.
OTHERS: Mapping[str, tuple[str, str, Iterable[str]]] = {
    **{
        path: (f"{path}.parquet", what, COLUMNS)
        for path, what in {
            "encode/<model>": "Responses to a story predicted from layers of one model.",
            "encode_shuffled": "Of the story study's model, by shuffled folds, which leak.",
            "probe/<model>": "Linguistic features read from layers of one model.",
            "align/<model>": "Alignment of every layer of one model with every region.",
            "encode_scene/<model>": "Responses to images predicted from layers of one model.",
            "language/encode/<recording>/<model>": "Measures of words predicted from one model.",
        }.items()
    },
    "encoding": (
        "encoding.parquet",
        "Responses to images predicted from layers, beside alignment.",
        encoded_images.BESIDE,
    ),
    "encoding_intervals": (
        "encoding_intervals.parquet",
        "Intervals of responses to images predicted from layers.",
        pairs.INTERVALS,
    ),
    "encoding_pairs": (
        "encoding_pairs.parquet",
        "Models that predict responses to images, two by two.",
        pairs.COLUMNS,
    ),
    "alike": ("alike.parquet", "Images that are left out together.", ("id", "group")),
    "areas": (
        "areas/areas.parquet",
        "Areas beside areas, within people and between them.",
        area_alignment.AREAS,
    ),
    "areas_layers": (
        "areas/layers.parquet",
        "Layers beside layers and areas.",
        area_alignment.LAYERS,
    ),
    "areas_points": (
        "areas/points.parquet",
        "Layers and areas on maps, person by person.",
        area_alignment.POINTS,
    ),
    "areas_ends": (
        "areas/ends.parquet",
        "First, best and last layers beside areas of each hemisphere.",
        area_alignment.ENDS,
    ),
    "areas_curves": (
        "areas/curves.parquet",
        "All layers beside whole areas, person by person.",
        area_alignment.CURVES,
    ),
    "areas_fidelity": (
        "areas/fidelity.parquet",
        "How true these maps are.",
        area_alignment.FIDELITY,
    ),
    **{
        name: (f"language/{LANGUAGE_TABLES[name][0]}", LANGUAGE_TABLES[name][1], columns)
        for name, columns in {
            "language_scores": language_scores.SCORES,
            "language_layers": language_scores.LAYERS,
            "language_words": language_scores.WORDS,
            "language_pairs": ("recording", *pairs.COLUMNS),
            "language_networks": language_scores.NETWORKS,
            "language_preferences": language_scores.PREFERENCES,
            "relate_language": relations.RELATION_COLUMNS,
        }.items()
    },
    "ceilings_language": (
        "language/ceilings/<recording>.parquet",
        "How well any model could predict each region, language study.",
        story_ceilings.CEILING_COLUMNS,
    ),
    "ceilings_language_points": (
        "language/points/<recording>.parquet",
        "Points behind these ceilings.",
        story_ceilings.POINT_COLUMNS,
    ),
    "relate_next_words": (
        "relations_next_words.parquet",
        "The same, and next-word prediction of WikiText-2, and published tasks.",
        relations.RELATION_COLUMNS,
    ),
    "jackknife": (
        "jackknife/<study>/<model>.parquet",
        "Scores without each piece of the stimuli; of voxels that see images: `encode_scene`.",
        left_out_scores.COLUMNS,
    ),
    "language_jackknife": (
        "language/jackknife/<recording>/<model>.parquet",
        "The same, language study.",
        left_out_scores.COLUMNS,
    ),
    "ladder": (
        "ladder/<study>.parquet",
        "What every claim was held against.",
        ladder.COLUMNS,
    ),
    "ladder_training": (
        "ladder_training/<study>.parquet",
        "What every lead of training was held against.",
        ladder.COLUMNS,
    ),
    "contexts": (
        "contexts.parquet",
        "Scores by how much is read before each word.",
        context_lengths.CONTEXTS,
    ),
    "next_words": (
        "next_words.parquet",
        "How well models predict the words of a text.",
        TEXT_LOSSES,
    ),
    "rescore": (
        "rescored.parquet",
        "Every layer scored as published analyses score it.",
        RESCORED,
    ),
    "calibrate": (
        "calibration.parquet",
        "How often tests and intervals are wrong.",
        calibrations.CALIBRATION_COLUMNS,
    ),
    "replicate": (
        "replicate.parquet",
        "Published numbers beside ours.",
        replications.REPLICATION_COLUMNS,
    ),
    "schrimpf2021": (
        "schrimpf2021/tasks.parquet",
        "Published models and how well they do at tasks.",
        language_tasks.TASKS,
    ),
    **{
        f"trajectory_{name}": (f"trajectory/<study>/{name}.parquet", what, columns)
        for name, (what, columns) in TRAJECTORIES.items()
    },
    "families": (
        "../families/<study>/<family>.parquet",
        "Scores of every checkpoint of a family.",
        family_scores.FAMILY_COLUMNS,
    ),
    "family_pieces": (
        "../families/<study>/<family>.pieces.parquet",
        "The chosen layers' scores (of scenes, those of every layer) without each piece.",
        family_scores.PIECE_COLUMNS,
    ),
}
TOP = """# Columns of the tables

Made by `python -m tests.columns_page` from `column_meanings.py` and `further_columns.py` in
`stages/share`: change it there. Tables are parquet, below `data/results`. A column means the same
in all of them, but for those of the last section.
"""


def known_tables() -> dict[str, tuple[str, str, list[str]]]:
    """Where every table lies, what it is, and its columns, by kind."""
    shared = {name: (*SHARED[name], columns) for name, columns in CONTRACTS.items()}
    tables = shared | OTHERS
    return {name: (path, what, list(columns)) for name, (path, what, columns) in tables.items()}


def columns_page() -> str:
    """Write the page."""
    tables = known_tables()
    parts = [TOP, "## Tables\n", "| table | what | columns |", "|---|---|---|"]
    for path, what, columns in tables.values():
        parts.append(f"| `{path}` | {what} | {', '.join(f'`{name}`' for name in columns)} |")
    for topic, meanings in TOPICS.items():
        parts += [f"\n## {topic}\n", *_dictionary(meanings)]
    parts.append("\n## Of one table alone\n")
    parts += ["| table | column | what it means |", "|---|---|---|"]
    for kind, meanings in OF_KIND.items():
        for name in meanings:
            where = f"`{tables[kind][0]}`"
            parts.append(f"| {where} | `{name}` | {column_meaning(kind, name)} |")
    return "\n".join(parts) + "\n"


def _dictionary(meanings: Mapping[str, str]) -> list[str]:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in meanings.items()]
    return ["| column | what it means |", "|---|---|", *rows]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=PAGE, help="Page to write.")
def main(out: Path) -> None:
    """Write the dictionary of columns."""
    out.write_text(columns_page())


if __name__ == "__main__":
    main()
