"""Commands of the survey stages, and of the roll calls."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stages.core.run.command import params_option, path_option, stage

if TYPE_CHECKING:
    from stages.core.params.schema import Params
    from stages.core.results.stage_rows import Stage


@click.group()
def main() -> None:
    """Put the models of a study side by side, or call their roll."""


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the dataset's activations, one folder per model.")
@path_option("--results", "Folder of the results of probe and encode; the tables go there too.")
@path_option("--jackknife", "Folder of the scores without pieces, one table per model.")
@path_option("--summary", "Folder of summaries to write (JSON): probe, encode, models.")
@params_option
@stage
def story(
    *,
    recording: Path,
    activations: Path,
    results: Path,
    jackknife: Path,
    summary: Path,
    params_file: Path,
) -> None:
    """Put the models of the story side by side: a table of probe, encode, models and their pairs.

    The summaries of probe and encode are those of the model that the study is about.
    """
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_stimuli
    from stages.core.recording.types import stimuli_digest
    from stages.core.results.left_out_scores import read_jackknife
    from stages.core.results.results import read_results, write_results
    from stages.core.results.shown import of_first_model
    from stages.core.run.files import write_json
    from stages.core.run.origins import of_layers, together
    from stages.core.run.tables import write_table
    from stages.survey.model_pairs import pair_table, pairs_of
    from stages.survey.score_intervals import interval_table
    from stages.survey.words import encode_summary, probe_summary
    from stages.survey.words.story_models import chosen_shares, model_numbers, side_by_side
    from stages.survey.zoo_models import call_roll, read_models

    params = read_params(params_file)
    digest = stimuli_digest(read_stimuli(recording / "stimuli.parquet"))
    models = read_models(params.story_specs, activations, digest)
    made_from = of_layers(recording, *(activations / one.name for one in models))
    tables = {}
    stages: tuple[Stage, ...] = "probe", "encode"
    for name in stages:
        paths = {model.name: results / name / f"{model.name}.parquet" for model in models}
        for one, path in paths.items():
            together(made_from, path, do=_rerun(name, one, params))
        found = [read_results(paths[one], name, _rerun(name, one, params)) for one in paths]
        tables[name] = side_by_side(models, found)
        write_results(results / f"{name}.parquet", tables[name], made_from)
    roll = call_roll(models)
    lacking = {
        jackknife / f"{one.name}.parquet": _rerun("encode", one.name, params)
        for one in models
        if one.about is not None
    }
    for path, do in lacking.items():
        together(made_from, path, do=do)
    without = (read_jackknife(path, do) for path, do in lacking.items())
    write_table(results / "models.parquet", roll, made_from)
    shares = chosen_shares(tables["encode"], without)
    write_table(results / "pairs.parquet", pair_table(shares, pairs_of(roll, shares)), made_from)
    write_table(results / "intervals.parquet", interval_table(shares), made_from)
    write_json(summary / "probe.json", probe_summary.summarise(of_first_model(tables["probe"])))
    write_json(summary / "encode.json", encode_summary.summarise(of_first_model(tables["encode"])))
    write_json(summary / "models.json", model_numbers(models, tables["encode"], tables["probe"]))


@main.command()
@path_option("--recordings", "Folder of the recordings of `language.recordings`.")
@path_option("--activations", "Folder of their activations: of each, one folder per model.")
@path_option("--results", "Folder of encode, jackknife and ceilings; the tables go there too.")
@path_option("--summary", "Summary to write (JSON).")
@params_option
@stage
def language(
    *, recordings: Path, activations: Path, results: Path, summary: Path, params_file: Path
) -> None:
    """Put all recordings of words beside all models, in one table of each kind."""
    from stages.core.params.read import read_params
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.survey.words.language_folders import Folders, read_studied
    from stages.survey.words.language_tables import joined, numbers, tables_of

    params = read_params(params_file)
    folders = Folders(recordings, activations, results)
    studied = [
        read_studied(name, params.language_specs, folders) for name in params.language.recordings
    ]
    made_from = {name: value for one in studied for name, value in one.made_from.items()}
    tables = joined([tables_of(one) for one in studied])
    for name, table in tables.items():
        write_table(results / f"{name}.parquet", table, made_from)
    write_json(summary, numbers(tables["scores"], tables["words"]))


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the dataset's activations, one folder per model.")
@path_option("--align", "Folder of the results of align, one table per model.")
@path_option("--jackknife", "Folder of the scores without pieces, one table per model.")
@path_option("--out", "Folder of tables to write (parquet).")
@path_option("--summary", "Folder of summaries to write (JSON): survey, align.")
@params_option
@stage
def scene(
    *,
    recording: Path,
    activations: Path,
    align: Path,
    jackknife: Path,
    out: Path,
    summary: Path,
    params_file: Path,
) -> None:
    """Compare the models of the zoo: where, how deep and how surely they align with the brain."""
    from stages.core.params.read import read_params
    from stages.core.results.left_out_scores import read_jackknife
    from stages.core.results.results import read_results
    from stages.core.results.survey import read_tables
    from stages.core.run.files import write_json
    from stages.core.run.origins import of_layers, together
    from stages.core.run.progress import progress
    from stages.survey.scene.places import read_place
    from stages.survey.scene.summary import summarise, summarise_models
    from stages.survey.scene.survey_tables import Aligned, survey
    from stages.survey.zoo_models import read_models

    params = read_params(params_file)
    metric, place = params.survey.metric, read_place(recording)
    specs = [params.zoo_spec(name) for name in params.zoo]
    models = read_models(specs, activations, place.digest, place.captions)
    ran = [model.name for model in models if model.about is not None]
    made_from = of_layers(recording, *(activations / name for name in ran))
    for name in ran:
        paths = (folder / f"{name}.parquet" for folder in (align, jackknife))
        together(made_from, *paths, do=f"Run `dvc repro align@{name}`.")
    aligned = (
        Aligned(
            name,
            read_results(align / f"{name}.parquet", "align", f"Run `dvc repro align@{name}`."),
            read_jackknife(jackknife / f"{name}.parquet", f"Run `dvc repro align@{name}`."),
        )
        for name in progress(ran, "models")
    )
    flags = survey(models, aligned, place, params.survey, out, made_from=made_from)
    found = read_tables(out, ("models", "means"))
    found |= read_tables(out, ("gradient", "consistency", "contrast"), {"metric": [metric]})
    write_json(summary / "survey.json", summarise(found, flags, metric))
    write_json(summary / "align.json", summarise_models(found["means"]))


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the dataset's activations, one folder per model.")
@path_option("--align", "Folder of the results of align, one table per model.")
@path_option("--encode", "Folder of the results of encode_scene, one table per model.")
@path_option("--jackknife", "Folder of their scores without pieces, one table per model.")
@path_option("--out", "Table to write (parquet).")
@path_option("--intervals", "Table of intervals of predicted voxels to write (parquet).")
@path_option("--pairs", "Table of models that predict voxels, two by two, to write (parquet).")
@params_option
@stage
def encoding(
    *,
    recording: Path,
    activations: Path,
    align: Path,
    encode: Path,
    jackknife: Path,
    out: Path,
    intervals: Path,
    pairs: Path,
    params_file: Path,
) -> None:
    """Put how models predict voxels beside how they align with regions, by `survey.metric`."""
    from stages.core.params.read import read_params
    from stages.core.recording.recorded_captions import read_captions_digest
    from stages.core.recording.recording_files import read_description
    from stages.core.results.left_out_scores import read_jackknife
    from stages.core.results.results import read_results
    from stages.core.run.origins import of_layers, together
    from stages.core.run.tables import write_table
    from stages.survey.all_scores import gather
    from stages.survey.model_pairs import pair_table, pairs_of
    from stages.survey.piece_shares import Shares
    from stages.survey.scene.encoding_beside import encoding_beside, region_rows, region_shares
    from stages.survey.score_intervals import interval_table
    from stages.survey.zoo_models import call_roll, list_layers, read_models

    params, about = read_params(params_file), read_description(recording)
    specs = [params.zoo_spec(name) for name in params.zoo]
    digests = about["stimuli_digest"], read_captions_digest(recording)
    models = read_models(specs, activations, *digests)
    ran = [model.name for model in models if model.about is not None]
    made_from = of_layers(recording, *(activations / name for name in ran))
    layers, roll = list_layers(models), call_roll(models)
    shares: Shares = {}
    encoded, aligned = [], []
    for name in ran:
        rerun = f"Run `dvc repro metrics/dvc.yaml:encode_scene@{name}`."
        paths = {encode: rerun, jackknife: rerun, align: f"Run `dvc repro align@{name}`."}
        for folder, do in paths.items():
            together(made_from, folder / f"{name}.parquet", do=do)
        predicted = read_results(encode / f"{name}.parquet", "encode", rerun)
        shared = read_results(align / f"{name}.parquet", "align", paths[align])
        encoded.append(region_rows(predicted))
        own = gather(encoded[-1:], layers, about["dataset"])
        shares |= region_shares(own, read_jackknife(jackknife / f"{name}.parquet", rerun))
        aligned.append(shared[shared["metric"] == params.survey.metric])
    predicts, aligns = (gather(found, layers, about["dataset"]) for found in (encoded, aligned))
    write_table(out, encoding_beside(predicts, aligns, roll), made_from)
    write_table(intervals, interval_table(shares), made_from)
    write_table(pairs, pair_table(shares, pairs_of(roll, shares)), made_from)


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the dataset's activations, one folder per model.")
@path_option("--areas", "Table of areas beside areas.")
@path_option("--layers", "Table of layers beside layers and areas.")
@path_option("--out", "Folder of tables to write (parquet): points, fidelity, ends, curves.")
@params_option
@stage
def areas(
    *,
    recording: Path,
    activations: Path,
    areas: Path,
    layers: Path,
    out: Path,
    params_file: Path,
) -> None:
    """Lay the layers of all models and the areas of each person out on maps.

    Beside these, all layers of each model for each area, and its first, best and last one.
    """
    import pandas as pd

    from stages.core.params.read import read_params
    from stages.core.recording.recorded_captions import read_captions_digest
    from stages.core.recording.recording_files import read_description
    from stages.core.results.area_alignment import (
        DO,
        FIDELITY,
        POINTS,
        read_areas,
        read_layers,
    )
    from stages.core.run.origins import of_layers, together
    from stages.core.run.tables import write_table
    from stages.survey.scene.joint_space import joint_space, place_points
    from stages.survey.scene.layer_ends import layer_curves, layer_ends
    from stages.survey.zoo_models import call_roll, list_layers, read_models

    params, about = read_params(params_file), read_description(recording)
    specs = [params.zoo_spec(name) for name in params.zoo]
    digests = about["stimuli_digest"], read_captions_digest(recording)
    models = read_models(specs, activations, *digests)
    ran = [activations / model.name for model in models if model.about is not None]
    made_from = together(of_layers(recording, *ran), areas, layers, do=DO)
    beside, between = read_areas(areas), read_layers(layers)
    roll, listed = call_roll(models), list_layers(models)
    write_table(out / "ends.parquet", layer_ends(between, listed, roll), made_from)
    write_table(out / "curves.parquet", layer_curves(between, listed, roll), made_from)
    found = []
    for subject in between.loc[between["subject"] != "", "subject"].unique():
        space = joint_space(beside, between, subject)
        chosen = params.survey.neighbours, params.survey.seed
        tables = place_points(space, roll, listed, *chosen)
        labels = {"dataset": about["dataset"], "subject": subject}
        found.append([table.assign(**labels) for table in tables])
    for name, columns, tables in zip(
        ("points", "fidelity"), (POINTS, FIDELITY), zip(*found, strict=True), strict=True
    ):
        whole = pd.concat(tables, ignore_index=True)[list(columns)]
        write_table(out / f"{name}.parquet", whole, made_from)


@main.command("compile")
@stage
def compile_once() -> None:
    """Compile what maps of models need: half a minute, once for an environment, in its set-up."""
    from stages.survey.scene.embedding import compile_maps

    compile_maps()


@main.command()
@path_option("--models", "Table of the models, made by survey.")
@path_option("--out", "Text file to write: the table as it is shown.")
@click.option("--zoo", required=True, help="Parameter that names the models, for the message.")
@click.option("--extract", required=True, help="Stage that extracts them, for the message.")
@stage
def roll(*, models: Path, out: Path, zoo: str, extract: str) -> None:
    """Call the roll of a zoo: a line per model, red where it failed; fail if one did."""
    from stages.core.results.survey import TABLES
    from stages.core.results.typed_tables import read_typed
    from stages.core.run.errors import ConcordError
    from stages.core.run.files import atomic
    from stages.survey.roll import roll_call

    table = read_typed(models, TABLES["models"], "Run `dvc repro`.")
    lines = roll_call(table)
    for line, failed in lines:
        click.secho(line, fg="red" if failed else None, err=True)
    failures = list(table.loc[table["error"] != "", "model"])
    if failures:
        raise ConcordError(
            "models that could not be run",
            where=f"params.yaml: {zoo}",
            got=", ".join(failures),
            do="Mend what their lines say, run "
            f"`dvc repro --force --single-item {extract}@NAME` for each, then "
            f"`{' '.join(['dvc repro', *extract.split(':')[:-1]])}`; or take them out of the zoo.",
        )
    with atomic(out) as partial:
        partial.write_text("".join(f"{line}\n" for line, _ in lines))


def _rerun(stage: str, model: str, params: "Params") -> str:
    """Say which stage makes the results of a model of the story."""
    name = f"{stage}_zoo" if model in params.story.zoo else stage
    return f"Run `dvc repro {name}@{model}`."


if __name__ == "__main__":
    main()
