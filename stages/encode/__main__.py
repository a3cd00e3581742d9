"""Command of the encode stage."""

from pathlib import Path

import click

from stages.core.run.command import comparison_options, stage


@click.command()
@comparison_options
@stage
def main(recording: Path, activations: Path, out: Path, params_file: Path) -> None:
    """Predict every region or voxel from every layer, held out, against chance and ceiling.

    A model that could not be run gets an empty table.
    """
    from stages.core.activations.activations import read_about, read_failure
    from stages.core.names.layers import layer_kind
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.recording.types import stimuli_digest
    from stages.core.regression.folds import partition
    from stages.core.regression.ridge import lambda_grid
    from stages.core.results.results import records, results_table, write_results
    from stages.core.stats.chance import draw_shifts
    from stages.core.stats.multiple import adjust
    from stages.encode.designs import control_designs, layer_designs
    from stages.encode.encoding import measure
    from stages.encode.targets import gather

    params = read_params(params_file)
    if read_failure(activations) is not None:
        write_results(out, results_table([]))
        return
    data = read_recording(recording)
    about, rows = read_about(activations, stimuli_digest(data.stimuli))
    responses = gather(data, params.encode)
    cut = partition(data.samples["run"].to_numpy(), params.folds)
    orders = draw_shifts(cut.segments, params.chance.draws, params.folds.gap, params.chance.seed)
    layers = layer_designs(activations, about, rows, data, params.encode)
    controls = control_designs(data, params.encode)
    kinds = {name: layer_kind(name) for name in layers} | dict.fromkeys(controls, "control")
    names = responses.targets.assign(
        dataset=data.dataset, model=about.label, split=f"held-out {cut.scheme}"
    )
    measured = measure(
        layers | controls,
        kinds,
        responses.series,
        records(names),
        cut=cut,
        lambdas=lambda_grid(params.ridge.lambdas),
        orders=orders,
    )
    over = "voxels × layers" if params.encode.targets == "voxel" else "regions × layers"
    table = adjust(results_table(measured), ("subject", "kind", "metric"), over)
    write_results(out, table)


if __name__ == "__main__":
    main()
