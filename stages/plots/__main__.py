"""Command of the plots stage."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from stages.core.run.command import params_option, path_option, stage

if TYPE_CHECKING:
    from stages.plots.kit.picture import Files
P = ParamSpec("P")


def _optional(name: str, help: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Declare a path that need not be given."""
    return click.option(name, type=click.Path(path_type=Path), help=help)


@click.group()
@click.option(
    "--kind",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="Kind of the pictures.",
)
@click.option(
    "--width",
    type=click.FloatRange(min=60, max=400),
    metavar="MM",
    help="Width of a journal's column (85 and 175 are usual) that pictures are fitted to.",
)
@click.pass_context
def main(context: click.Context, kind: str, width: float | None) -> None:
    """Draw the results, or make the page that shows them without a network.

    Letters have at least 6 points, so that a picture which has no room for them stays wider.
    """
    context.obj = (kind, width)


@main.command()
@path_option("--results", "Folder of the results of the story study.")
@_optional("--raw", "Folder of the raw recording; if it was simulated, what drives it is shown.")
@path_option("--out", "Folder to write, one subfolder per stage.")
@stage
def story(results: Path, raw: Path | None, out: Path) -> None:
    """Draw heat maps, curves, bars and dots as PNG, and write their data as CSV.

    The model that the study is about stands beside its untrained twin; the other models are
    compared with both. Attention heads are drawn where the model's attention was described; what
    was decoded, and compared with layers, where the recording has voxels.
    """
    from stages.core.results.results import read_results
    from stages.core.results.story_ceilings import read_ceiling_points, read_story_ceilings
    from stages.core.results.survey import TABLES
    from stages.core.results.typed_tables import read_typed
    from stages.core.run.origins import together
    from stages.plots.kit.planted import read_planted
    from stages.plots.story.gallery import RESULTS, ceiling_files, story_files

    roll = results / "models.parquet"
    limits = [results / f"{name}.parquet" for name in ("ceilings_story", "ceilings_story_points")]
    models = read_typed(roll, TABLES["models"], "Run `dvc repro survey_story`.")
    found = {
        name: read_results(results / f"{name}.parquet", name, f"Run `dvc repro {stage}`.")
        for name, stage in RESULTS.items()
    }
    ceilings, points = read_story_ceilings(limits[0]), read_ceiling_points(limits[1])
    together(roll, *(results / f"{name}.parquet" for name in RESULTS), *limits)
    truth = read_planted(raw, models, "story") if raw else {}
    _write(story_files(models, **found, truth=truth) | ceiling_files(ceilings, points), out)


@main.command()
@path_option("--survey", "Folder of the tables of survey.")
@path_option("--relate", "Results of relate.")
@path_option("--recording", "Folder of the recording.")
@_optional("--raw", "Folder of the raw recording; if it was simulated, what drives it is shown.")
@path_option("--out", "Folder to write, one subfolder per stage.")
@params_option
@stage
def scene(
    survey: Path, relate: Path, recording: Path, *, raw: Path | None, out: Path, params_file: Path
) -> None:
    """Draw what the models of the zoo share with the brain as PNG, and write the data as CSV.

    All is by `survey.metric`. What was not measured is not drawn. Cortical surfaces are pages too,
    to be turned in a browser.
    """
    from stages.core.params.read import read_params
    from stages.core.pictures.surfaces import read_surfaces
    from stages.core.recording.recording_files import read_description
    from stages.core.results.relations import read_relations
    from stages.core.results.survey import read_survey
    from stages.core.run.origins import of_recording, together
    from stages.plots.kit.planted import read_planted
    from stages.plots.scene.cortex_maps import cortex_files
    from stages.plots.scene.gallery import relate_files, scene_files
    from stages.plots.scene.selection import kept_of_metric, of_metric

    params = read_params(params_file)
    metric = params.survey.metric
    dataset = read_description(recording)["dataset"]
    tables = read_survey(survey, kept_of_metric(metric))
    truth = read_planted(raw, tables.models, "scene") if raw else {}
    files = scene_files(tables, dataset, metric, truth) | relate_files(read_relations(relate))
    together(of_recording(recording), survey / "best.parquet", relate)
    surfaces = read_surfaces(recording)
    files |= cortex_files(of_metric(tables, metric), surfaces, f"{dataset}, {metric}", metric)
    _write(files, out)


@main.command()
@path_option("--tables", "Folder of the tables of trajectory.")
@click.option("--train", type=click.Path(path_type=Path), help="Folder of learning curves (CSV).")
@click.option(
    "--recording", type=click.Path(path_type=Path), help="Recording whose cortex is painted."
)
@click.option("--unit", default="tokens or images", help="What training counts.")
@path_option("--out", "Folder to write.")
@stage
def trajectory(
    tables: Path, train: Path | None, recording: Path | None, unit: str, out: Path
) -> None:
    """Draw when alignment arrives in training as PNG, and write the data as CSV.

    What was not measured is not drawn; a folder of learning curves may be empty, and a recording
    without a standard surface is not painted.
    """
    from stages.core.pictures.surfaces import read_surfaces
    from stages.core.run.origins import of_recording, together
    from stages.plots.trajectory.course_tables import read_training, read_trajectories
    from stages.plots.trajectory.trajectory_gallery import trajectory_files

    made, trained = read_trajectories(tables), read_training(train)
    if recording:
        together(of_recording(recording), tables / "curves.parquet")
    surfaces = read_surfaces(recording) if recording else {}
    _write(trajectory_files(made, trained, out.name, unit, surfaces), out.parent)


@main.command()
@path_option("--ladders", "Folder of the ladders of some studies.")
@path_option("--out", "Folder to write.")
@stage
def ladder(ladders: Path, out: Path) -> None:
    """Draw what was held against every claim as PNG, and write the data as CSV."""
    from stages.plots.ladder.ladder_gallery import ladder_files, read_ladders

    _write(ladder_files(read_ladders(ladders), out.name), out.parent)


@main.command()
@path_option("--replications", "Table of replicate.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def replicate(replications: Path, out: Path) -> None:
    """Draw published numbers against ours as PNG, and write the data as CSV."""
    from stages.core.results.replications import read_replications
    from stages.plots.replicate.replicate_gallery import replicate_files

    _write(replicate_files(read_replications(replications)), out)


@main.command()
@path_option("--calibrations", "Table of calibrate.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def calibrate(calibrations: Path, out: Path) -> None:
    """Draw how often tests and intervals are wrong as PNG, and write the data as CSV."""
    from stages.core.results.calibrations import read_calibrations
    from stages.plots.calibrate.calibrate_gallery import calibrate_files

    _write(calibrate_files(read_calibrations(calibrations)), out)


@main.command()
@path_option("--contiguous", "Results of encode of one model.")
@path_option("--shuffled", "Those of the same by shuffled folds.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def folds(contiguous: Path, shuffled: Path, out: Path) -> None:
    """Draw what shuffled folds add to a model, and to a control of time, as PNG and CSV."""
    from stages.core.results.results import read_results
    from stages.core.run.origins import together
    from stages.plots.folds.fold_gallery import fold_files

    together(contiguous, shuffled)
    beside = read_results(contiguous, "encode", "Run `dvc repro encode`.")
    leaking = read_results(shuffled, "encode", "Run `dvc repro metrics/dvc.yaml:encode_shuffled`.")
    _write(fold_files(beside, leaking), out)


@main.command()
@path_option("--tables", "Folder of the tables of all models and recordings.")
@_optional("--tasks", "Table of how well models do at tasks.")
@_optional("--relations", "Results of relate, of language models.")
@_optional("--preferences", "Table of the layers that are preferred.")
@_optional("--networks", "Table of the language network beside control networks.")
@_optional("--ceilings", "Folder of the ceilings of every recording.")
@_optional("--points", "Folder of the points and curves behind them.")
@path_option("--out", "Folder to write.")
@stage
def language(tables: Path, out: Path, **beside: Path | None) -> None:
    """Draw language models against recordings of words as PNG, and write the data as CSV.

    What was not measured is not drawn. Without results of relate, correlations over models are
    those of the dots drawn.
    """
    from stages.plots.language.language_gallery import Beside, language_files, read_zoo

    _write(language_files(read_zoo(tables, Beside(**beside)), out.name), out.parent)


@main.command()
@path_option("--scores", "Table of rescore.")
@path_option("--tables", "Folder of the tables of all models and recordings.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def rescored(scores: Path, tables: Path, out: Path) -> None:
    """Draw published ways of scoring beside the study's own as PNG, and write the data as CSV."""
    from stages.core.results.language_scores import read_language_scores
    from stages.core.results.rescored_scores import read_rescored
    from stages.core.run.origins import together
    from stages.plots.language.rescored_dots import rescored_files

    together(tables / "scores.parquet", scores)
    own = read_language_scores(tables)["scores"]
    _write(rescored_files(read_rescored(scores), own), out)


@main.command()
@path_option("--tables", "Folder of the tables of all models and recordings.")
@path_option("--encoded", "Folder of the results of encode, a folder per recording.")
@path_option("--replications", "Table of replicate.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def recordings(tables: Path, encoded: Path, replications: Path, out: Path) -> None:
    """Draw every model on every recording of words beside what was published of it.

    The same is written as a table in Markdown, and the data as CSV.
    """
    import pandas as pd

    from stages.core.results.language_scores import DO, read_language_scores
    from stages.core.results.replications import read_replications
    from stages.core.results.results import read_results
    from stages.plots.language.recording_page import recording_files

    zoo = read_language_scores(tables)
    scores, words = zoo["scores"], zoo["words"]
    pairs = dict.fromkeys(zip(scores["recording"], scores["model"], strict=True))
    each = [read_results(encoded / f"{one}/{model}.parquet", "encode", DO) for one, model in pairs]
    results = pd.concat(each, ignore_index=True)
    _write(recording_files(scores, words, results, read_replications(replications)), out)


@main.command("next-words")
@path_option("--tables", "Folder of the tables of all models and recordings.")
@path_option("--losses", "Table of predict, of texts that nobody was measured on.")
@path_option("--relations", "Results of relate, of these and of published tasks.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def next_words(tables: Path, losses: Path, relations: Path, out: Path) -> None:
    """Draw scores beside next-word prediction of another text as PNG, and write the data as CSV.

    And what else goes with scores, such as published tasks.
    """
    from stages.core.results.language_scores import read_language_scores
    from stages.core.results.relations import read_relations
    from stages.core.results.text_losses import read_text_losses
    from stages.core.run.origins import together
    from stages.plots.language.text_gallery import text_files

    together(tables / "words.parquet", losses, relations)
    related = read_relations(relations)
    _write(text_files(read_language_scores(tables), read_text_losses(losses), related), out)


@main.command()
@path_option("--beside", "Table of encoding beside alignment.")
@path_option("--intervals", "Table of intervals of encoding.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def encoding(beside: Path, intervals: Path, out: Path) -> None:
    """Draw how models predict voxels beside how they align, as PNG, and write the data as CSV."""
    from stages.core.results.encoded_images import DO, read_beside
    from stages.core.results.pairs import INTERVALS
    from stages.core.results.typed_tables import read_typed
    from stages.core.run.origins import together
    from stages.plots.scene.encoding_gallery import encoding_scene_files

    together(beside, intervals, do=DO)
    found = read_beside(beside), read_typed(intervals, INTERVALS, DO)
    _write(encoding_scene_files(*found), out)


@main.command()
@path_option("--areas", "Table of areas beside areas.")
@path_option("--space", "Folder of the maps of layers and areas.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def areas(areas: Path, space: Path, out: Path) -> None:
    """Draw how areas align with each other, and layers among them, as PNG and CSV."""
    from stages.core.results.area_alignment import read_areas, read_curves, read_ends, read_space
    from stages.core.run.origins import together
    from stages.plots.scene.areas_gallery import areas_files

    together(
        areas, *(space / f"{name}.parquet" for name in ("points", "fidelity", "ends", "curves"))
    )
    found = read_areas(areas), read_space(space), read_ends(space), read_curves(space)
    _write(areas_files(*found), out)


@main.command()
@path_option("--survey", "Folder of the tables of survey.")
@path_option("--recording", "Folder of the recording.")
@click.option("--metric", required=True, help="Metric that is painted.")
@path_option("--out", "Folder to write, a subfolder for the metric.")
@stage
def maps(survey: Path, recording: Path, metric: str, out: Path) -> None:
    """Paint the cortex with the scores of every model of the zoo as PNG, and write them as CSV."""
    from stages.core.pictures.surfaces import read_surfaces
    from stages.core.recording.recording_files import read_description
    from stages.core.results.survey import read_survey
    from stages.core.run.origins import of_recording, together
    from stages.plots.scene.model_maps import model_map_files
    from stages.plots.scene.selection import kept_of_metric, of_metric

    dataset = read_description(recording)["dataset"]
    shown = of_metric(read_survey(survey, kept_of_metric(metric)), metric)
    together(of_recording(recording), survey / "best.parquet")
    files = model_map_files(shown, read_surfaces(recording), dataset, metric)
    _write_each(files, metric, out)


@main.command()
@path_option("--scores", "Table of lengthen.")
@path_option("--out", "Folder to write, one subfolder.")
@stage
def contexts(scores: Path, out: Path) -> None:
    """Draw scores by how much is read before each word as PNG, and write the data as CSV."""
    from stages.core.results.context_lengths import read_contexts
    from stages.plots.language.context_curves import context_files

    _write(context_files(read_contexts(scores)), out)


@main.command()
@click.argument("out", type=click.Path(path_type=Path))
@stage
def page(out: Path) -> None:
    """Write the HTML template OUT for `dvc plots show` without a network."""
    from stages.core.run.files import atomic
    from stages.plots.kit.offline import offline_page

    with atomic(out) as partial:
        partial.write_text(offline_page(), encoding="utf-8")


def _write(files: "Files", out: Path) -> None:
    """Write pictures, tables and pages by the name of the file, and an index of each folder."""
    from stages.plots.kit.picture import with_indexes
    from stages.plots.kit.print_form import fitted

    kind, width = click.get_current_context().obj
    _save(with_indexes(fitted(files, kind, width)), out)


def _write_each(batches: "Iterable[Files]", folder: str, out: Path) -> None:
    """Write files of one folder, some at a time, and its index; figures are many."""
    from stages.core.run.files import atomic
    from stages.plots.kit.picture import index_entries, index_text
    from stages.plots.kit.print_form import fitted

    kind, width = click.get_current_context().obj
    entries: list[dict[str, str | None]] = []
    for files in batches:
        made = fitted(files, kind, width)
        _save(made, out)
        entries += index_entries(made, folder)
    with atomic(out / folder / "index.json") as partial:
        partial.write_text(index_text(entries), encoding="utf-8")


def _save(files: "Files", out: Path) -> None:
    from stages.core.run.files import atomic
    from stages.plots.kit.picture import Picture
    from stages.plots.kit.print_form import save_figure

    kind, _ = click.get_current_context().obj
    for name, made in files.items():
        with atomic(out / name) as partial:
            if isinstance(made, Picture):
                save_figure(made.figure, partial, kind)
            elif isinstance(made, str):
                partial.write_text(made, encoding="utf-8")
            else:
                made.to_csv(partial, index=False)


if __name__ == "__main__":
    main()
