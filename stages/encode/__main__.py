"""Command of the encode stage."""

from pathlib import Path

import click

from stages.core.run.command import comparison_options, params_option, path_option, stage


@click.group()
def main() -> None:
    """Predict every region or voxel from every layer, held out, against chance and ceiling."""


@main.command()
@comparison_options
@path_option("--jackknife", "Table of scores without each piece of the story to write (parquet).")
@stage
def model(
    *, recording: Path, activations: Path, out: Path, jackknife: Path, params_file: Path
) -> None:
    """Encode one model. One that could not be run gets empty tables.

    CONCORD_DEVICE lists devices of PyTorch for the null (default: NumPy), CONCORD_MEMORY is the GiB
    that it may take on each.
    """
    from stages.core.activations.activations import read_failure
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.left_out_scores import jackknife_table
    from stages.core.results.results import results_table, write_results
    from stages.core.run.origins import of_layers
    from stages.core.run.tables import write_table
    from stages.encode.one_model import Settings, encode_model, prepare
    from stages.encode.written import write_as_they_come

    params, made_from = read_params(params_file), of_layers(recording, activations)
    if read_failure(activations) is not None:
        write_results(out, results_table([]), made_from)
        write_table(jackknife, jackknife_table([]), made_from)
        return
    sections = params.folds, params.ridge, params.chance, params.encode
    settings = Settings(*sections, centre=params.story.centre)
    encoding = prepare(read_recording(recording), settings)
    write_as_they_come((out, jackknife), encode_model(encoding, activations), made_from)


@main.command()
@comparison_options
@path_option("--jackknife", "Table of scores without each piece of the stimuli to write (parquet).")
@stage
def language(
    *, recording: Path, activations: Path, out: Path, jackknife: Path, params_file: Path
) -> None:
    """Encode one recording of words from one model, and correlate it with the model's surprisal.

    A model that could not be run gets empty tables.
    """
    from itertools import chain

    from stages.core.activations.activations import read_failure
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.left_out_scores import jackknife_table
    from stages.core.results.results import results_table
    from stages.core.run.origins import of_layers
    from stages.encode.one_model import Settings, encode_model, prepare
    from stages.encode.unfitted import surprisal_table
    from stages.encode.written import write_as_they_come

    params, nothing = read_params(params_file), jackknife_table([])
    made_from = of_layers(recording, activations)
    if read_failure(activations) is not None:
        write_as_they_come((out, jackknife), [(results_table([]), nothing)], made_from)
        return
    sections = params.folds, params.ridge, params.chance, params.encode
    settings = Settings(*sections, centre=params.story.centre)
    encoding = prepare(read_recording(recording), settings)
    told = (surprisal_table(encoding, activations), nothing)
    tables = chain(encode_model(encoding, activations), [told])
    write_as_they_come((out, jackknife), tables, made_from)


@main.command()
@comparison_options
@stage
def shuffled(*, recording: Path, activations: Path, out: Path, params_file: Path) -> None:
    """Encode one model by shuffled folds, whatever `folds.scheme` says: to see what that adds."""
    import pandas as pd

    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.results import write_results
    from stages.core.run.origins import of_layers
    from stages.encode.one_model import Settings, encode_model, prepare

    params = read_params(params_file)
    leaking = params.folds.model_copy(update={"scheme": "shuffled"})
    settings = Settings(
        leaking, params.ridge, params.chance, params.encode, centre=params.story.centre
    )
    encoding = prepare(read_recording(recording), settings)
    parts = [results for results, _ in encode_model(encoding, activations)]
    made_from = of_layers(recording, activations)
    write_results(out, pd.concat(parts, ignore_index=True), made_from)


@main.command()
@comparison_options
@path_option("--groups", "Table of the images that are nearly the same.")
@path_option("--jackknife", "Table of scores without each piece of the images to write (parquet).")
@stage
def scene(
    *,
    recording: Path,
    activations: Path,
    groups: Path,
    out: Path,
    jackknife: Path,
    params_file: Path,
) -> None:
    """Predict the voxels of every region from every layer of a model that was shown images.

    A model that could not be run gets empty tables.
    """
    from stages.core.activations.activations import read_failure
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.left_out_scores import jackknife_table
    from stages.core.results.results import results_table, write_results
    from stages.core.run.origins import of_layers, together
    from stages.core.run.tables import read_table, write_table
    from stages.encode.image_people import Settings
    from stages.encode.images_encoded import encode_images

    params, made_from = read_params(params_file), of_layers(recording, activations)
    if read_failure(activations) is not None:
        write_results(out, results_table([]), made_from)
        write_table(jackknife, jackknife_table([]), made_from)
        return
    settings = Settings(params.encode_scene, params.folds, params.ridge)
    do = "Run `dvc repro metrics/dvc.yaml:alike_images`."
    together(made_from, groups, do=do)
    alike = read_table(groups, ["id", "group"], do)
    data = read_recording(recording)
    results, without = encode_images(data, activations, settings, alike)
    write_results(out, results, made_from)
    write_table(jackknife, without, made_from)


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the family: its members, and a folder of each.")
@path_option("--out", "Table of scores to write (parquet).")
@path_option("--jackknife", "Table of scores without each piece of the story to write (parquet).")
@params_option
@stage
def family(
    recording: Path, activations: Path, out: Path, jackknife: Path, params_file: Path
) -> None:
    """Encode every member of a family, by its hidden layers; what is done is kept."""
    from stages.core.activations.members import read_members, usable
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.family_scores import folder_digest, score_members
    from stages.core.run.origins import of_family, of_recording
    from stages.core.run.tables import write_table
    from stages.encode.one_model import Settings, encode_member, prepare

    params = read_params(params_file)
    chance = params.chance.model_copy(update={"draws": params.trajectory.shifts})
    sections = params.folds, params.ridge, chance, params.encode
    settings = Settings(*sections, centre=params.story.centre)
    encoding = prepare(read_recording(recording), settings)
    scores, without = score_members(
        usable(read_members(activations)),
        activations,
        lambda member: encode_member(encoding, member),
        recording=folder_digest(recording),
        settings=[section.model_dump() for section in sections],
        centre=settings.centre,
    )
    made_from = of_recording(recording) | of_family(activations)
    write_table(jackknife, without, made_from)
    write_table(out, scores, made_from)


if __name__ == "__main__":
    main()
