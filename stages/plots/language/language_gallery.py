"""What the folder of a language study holds: pictures and their data, by the name of the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from stages.core.results.language_scores import DO, NETWORKS, PREFERENCES, read_language_scores
from stages.core.results.language_tasks import PERPLEXITY, read_tasks
from stages.core.results.leaks import unmarked
from stages.core.results.relations import read_relations
from stages.core.results.story_ceilings import read_ceiling_points, read_story_ceilings
from stages.core.results.typed_tables import read_typed
from stages.core.run.origins import together
from stages.plots.kit.asymptotes import asymptotes, extrapolated
from stages.plots.kit.panels import INK, paper
from stages.plots.kit.picture import Files, Picture, set_title
from stages.plots.language.benchmark_dots import benchmark_dots
from stages.plots.language.language_captions import CAPTIONS, EMPTY, crowd, language_facts
from stages.plots.language.language_network import network_dots
from stages.plots.language.layer_preferences import preference_dots, preference_table
from stages.plots.language.model_points import recording_points, twin_points, word_points
from stages.plots.language.model_scatter import model_scatter
from stages.plots.language.region_scores import region_map, region_table
from stages.plots.language.relation_tiles import relation_table, relation_tiles, table_of_relations
from stages.plots.language.surprisal_dots import surprisal_dots, surprisal_table
from stages.plots.language.zoo_layers import layer_table, zoo_layers
from stages.plots.language.zoo_scores import failures, model_scores

Tables = Mapping[str, pd.DataFrame]
Drawn = dict[str, tuple[pd.DataFrame, Figure | None]]  # data and picture, by name


@dataclass(frozen=True)
class Beside:
    """Tables that stand beside those of every zoo, where there are such.

    Attributes
    ----------
    tasks, relations, preferences, networks : Path or None
    ceilings, points : Path or None
        Folders with a table of each recording.
    """

    tasks: Path | None = None
    relations: Path | None = None
    preferences: Path | None = None
    networks: Path | None = None
    ceilings: Path | None = None
    points: Path | None = None


def read_zoo(folder: Path, beside: Beside) -> dict[str, pd.DataFrame]:
    """Read the tables of a folder, and those that are beside them."""
    tables = read_language_scores(folder)
    if beside.relations is not None:
        together(folder / "scores.parquet", beside.relations)
        tables["relations"] = read_relations(beside.relations)
    if beside.tasks is not None:
        tables["tasks"] = read_tasks(beside.tasks)
    for name, columns in (("preferences", PREFERENCES), ("networks", NETWORKS)):
        path = getattr(beside, name)
        if path is not None:
            tables[name] = read_typed(path, columns, DO)
    recordings = tables["scores"]["recording"].unique()
    for name, read in (("ceilings", read_story_ceilings), ("points", read_ceiling_points)):
        place = getattr(beside, name)
        if place is not None:
            each = [read(place / f"{unmarked(one)}.parquet") for one in recordings]
            tables[name] = pd.concat(each, ignore_index=True)
    return tables


def language_files(tables: Tables, study: str) -> Files:
    """Draw what models share with recordings of words and sentences.

    What was not measured has a table without rows and no picture. Without any score, and where
    models failed, the first picture says so.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        From `read_zoo`.
    study : str
        Name of the folder, and in titles.
    """
    scores, words = tables["scores"], tables["words"]
    models = model_scores(scores, words)
    drawn = _of_scores(tables, models, study) | _of_models(tables, models, study)
    drawn |= _of_people(tables, study)
    told = language_facts(models)
    files: Files = {f"{study}/{name}.csv": table for name, (table, _) in drawn.items()}
    for name, (_, figure) in drawn.items():
        if figure is not None:
            caption = CAPTIONS[name].format_map(told) if len(models) else EMPTY
            files[f"{study}/{name}.png"] = Picture(figure, caption, f"{study}/{name}.csv")
    return files


def _of_scores(tables: Tables, models: pd.DataFrame, study: str) -> Drawn:
    """Draw what is told of every model by itself."""
    scores, failed = tables["scores"], failures(tables["words"])
    regions, surprisal = region_table(scores), surprisal_table(scores)
    layers = layer_table(scores, tables["layers"])
    told = {
        "regions": "every region and model",
        "layers": "along the depth of models",
        "surprisal": "what goes with surprisal",
    }
    titles = {name: f"{study}: {what}" for name, what in told.items()}
    first = (
        _notice(f"{study}: no scores", f"{EMPTY} {failed}")
        if models.empty
        else benchmark_dots(models, _heading(models, study, failed))
    )
    return {
        "benchmarks": (models, first),
        "regions": (regions, region_map(regions, titles["regions"]) if len(regions) else None),
        "layers": (layers, zoo_layers(layers, titles["layers"]) if len(layers) else None),
        "surprisal": (
            surprisal,
            surprisal_dots(surprisal, titles["surprisal"]) if len(surprisal) else None,
        ),
    }


def _heading(models: pd.DataFrame, study: str, failed: str) -> str:
    """Say how many models are set against ceilings, and which failed."""
    title = f"{study}: {crowd(models)} against ceilings"
    return f"{title}. {failed}" if failed else title


def _of_models(tables: Tables, models: pd.DataFrame, study: str) -> Drawn:
    """Draw what is told over models."""
    words, tasks = tables["words"], tables.get("tasks")
    points, measure = word_points(models, words, tasks)
    pairs, twins = recording_points(models), twin_points(models)
    given = tables.get("relations")
    relations = relation_table(models, words, tasks) if given is None else table_of_relations(given)
    recordings = list(models["recording"].unique())
    told = {
        "next_word": "score and next-word prediction",
        "recordings": "one recording and another",
        "trained_untrained": "trained models and their untrained twins",
        "relations": "what goes with scores over models",
    }
    titles = {name: f"{study}: {what}" for name, what in told.items()}
    tiles = relation_tiles(relations, recordings, titles["relations"]) if len(relations) else None
    log = measure.endswith(PERPLEXITY)
    return {
        "next_word": (points, _scatter(points, titles["next_word"], less_is_better=True, log=log)),
        "recordings": (pairs, _scatter(pairs, titles["recordings"])),
        "trained_untrained": (twins, _scatter(twins, titles["trained_untrained"])),
        "relations": (relations, tiles),
    }


def _of_people(tables: Tables, study: str) -> Drawn:
    """Draw which layers people prefer, their networks, and ceilings, as far as these are known."""
    drawn: Drawn = {}
    if "preferences" in tables:
        table, title = (
            preference_table(tables["preferences"]),
            f"{study}: layers that are preferred",
        )
        drawn["preferences"] = (table, preference_dots(table, title) if len(table) else None)
    if "networks" in tables:
        table, title = tables["networks"], f"{study}: the language network and others"
        drawn["networks"] = (table, network_dots(table, title) if len(table) else None)
    if "ceilings" in tables:
        table = extrapolated(tables["ceilings"])
        title = f"{study}: ceilings, extrapolated to infinitely many people"
        named, points = _named(table), _named(tables["points"])
        drawn["ceilings"] = (table, asymptotes(named, points, title) if len(table) else None)
    return drawn


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Name regions after their recordings too, on a line of its own."""
    return table.assign(region=table["dataset"] + "\n" + table["region"])


def _scatter(
    points: pd.DataFrame, title: str, *, less_is_better: bool = False, log: bool = False
) -> Figure | None:
    if points.empty:
        return None
    return model_scatter(points, title, less_is_better=less_is_better, log=log)


def _notice(title: str, text: str) -> Figure:
    """Make a page that says why nothing is drawn on it."""
    figure = paper(6.0, 1.5)
    figure.text(0.5, 0.4, text, ha="center", va="center", fontsize=8, color=INK, wrap=True)
    set_title(figure, title)
    return figure
