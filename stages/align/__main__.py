"""Commands of the align stages."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Align layers with regions, or find how well a region can be aligned with at all."""


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the model's activations.")
@path_option("--ceilings", "Table made by the command `ceilings`.")
@path_option("--out", "Results table to write (parquet).")
@path_option("--jackknife", "Table of scores without each piece of the images to write (parquet).")
@params_option
@stage
def align(
    *,
    recording: Path,
    activations: Path,
    ceilings: Path,
    out: Path,
    jackknife: Path,
    params_file: Path,
) -> None:
    """Align every layer of a model with every region, against permuted rows.

    A model that could not be run gets empty tables. CONCORD_DEVICE lists devices of PyTorch
    (default: NumPy on the CPU), CONCORD_MEMORY is the GiB that a worker may take, and
    CONCORD_JOBS the number of workers.
    """
    from stages.align.left_out import align_without_pieces
    from stages.align.model import align_model
    from stages.core.activations.activations import read_failure
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.left_out_scores import jackknife_table
    from stages.core.results.results import read_results, results_table, write_results
    from stages.core.run.origins import of_layers, together
    from stages.core.run.tables import write_table

    params, made_from = read_params(params_file), of_layers(recording, activations)
    if read_failure(activations) is not None:
        write_results(out, results_table([]), made_from)
        write_table(jackknife, jackknife_table([]), made_from)
        return
    together(made_from, ceilings, do="Run `dvc repro ceilings`.")
    limits = read_results(ceilings, "ceilings", "Run `dvc repro ceilings`.")
    data = read_recording(recording)
    write_results(out, align_model(data, activations, limits, params.align), made_from)
    write_table(jackknife, align_without_pieces(data, activations, params.align), made_from)


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the family: its members, and a folder of each.")
@path_option("--ceilings", "Table made by the command `ceilings`.")
@path_option("--out", "Table of scores to write (parquet).")
@path_option("--jackknife", "Table of scores without each piece of the images to write (parquet).")
@params_option
@stage
def family(
    *,
    recording: Path,
    activations: Path,
    ceilings: Path,
    out: Path,
    jackknife: Path,
    params_file: Path,
) -> None:
    """Align every member of a family, by the metric of trajectories; what is done is kept.

    Devices, memory and workers are those of `align`.
    """
    from stages.align.held_out import held_out_rows
    from stages.align.left_out import align_without_pieces
    from stages.align.model import align_model
    from stages.core.activations.members import read_members, usable
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.family_scores import folder_digest, score_members
    from stages.core.results.results import read_results
    from stages.core.run.files import sha256
    from stages.core.run.origins import of_family, of_recording, together
    from stages.core.run.tables import write_table

    params = read_params(params_file)
    made_from = of_recording(recording) | of_family(activations)
    together(made_from, ceilings, do="Run `dvc repro ceilings`.")
    metrics = [params.trajectory.metric]
    settings = params.align.model_copy(update={"metrics": metrics, "compared": metrics})
    limits = read_results(ceilings, "ceilings", "Run `dvc repro ceilings`.")
    limits = limits[limits["metric"] == params.trajectory.metric]
    data = read_recording(recording)
    scores, without = score_members(
        usable(read_members(activations)),
        activations,
        lambda member: (
            held_out_rows(align_model(data, member, limits, settings)),
            align_without_pieces(data, member, settings),
        ),
        recording=folder_digest(recording),
        ceilings=sha256(ceilings),
        settings=settings.model_dump(),
    )
    write_table(jackknife, without, made_from)
    write_table(out, scores, made_from)


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--out", "Results table to write (parquet).")
@params_option
@stage
def ceilings(recording: Path, out: Path, params_file: Path) -> None:
    """Find how well every region could be aligned with, by every metric.

    Devices, memory and workers are those of `align`.
    """
    from stages.align.ceiling_table import ceiling_table
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.results.results import write_results
    from stages.core.run.origins import of_recording

    params = read_params(params_file)
    found = ceiling_table(read_recording(recording), params.align)
    write_results(out, found, of_recording(recording))


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the dataset's activations, one folder per model.")
@path_option("--areas", "Table of areas beside areas to write (parquet).")
@path_option("--layers", "Table of layers beside layers and areas to write (parquet).")
@params_option
@stage
def areas(
    *, recording: Path, activations: Path, areas: Path, layers: Path, params_file: Path
) -> None:
    """Align areas with each other, within people and between them, and layers with all of these.

    By `survey.metric`, and the images that everybody saw. Memory is that of `align`.
    """
    from stages.align.area_pairs import area_table, check_metric, judge_areas
    from stages.align.area_sets import shared_areas
    from stages.align.layer_pairs import layer_table
    from stages.align.model import read_layers
    from stages.core.activations.activations import read_failure
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.run.origins import of_layers
    from stages.core.run.tables import write_table
    from stages.core.stats.devices import choose_backends

    params = read_params(params_file)
    metric = params.survey.metric
    check_metric(metric)
    data, backend = read_recording(recording), choose_backends()[0]
    folders = [activations / params.zoo_spec(name).label for name in params.zoo]
    folders = [folder for folder in folders if read_failure(folder) is None]
    made_from = of_layers(recording, *folders)
    shown = shared_areas(data, params.align.min_voxels)
    people = judge_areas(shown.sets, metric, backend)
    found = area_table(people, shown.dataset, metric, params.align, backend)
    write_table(areas, found, made_from)
    models = dict(read_layers(folder, data) for folder in folders)
    write_table(layers, layer_table(models, shown, people, metric, backend), made_from)


if __name__ == "__main__":
    main()
