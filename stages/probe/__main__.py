"""Command of the probe stage."""

from pathlib import Path

import click

from stages.core.command import comparison_options, stage


@click.command()
@comparison_options
@stage
def main(recording: Path, activations: Path, out: Path, metrics: Path, params_file: Path) -> None:
    """Read every linguistic feature from every layer, held out and against chance."""
    from stages.core.activations import read_about
    from stages.core.chance import draw_shifts
    from stages.core.files import write_json
    from stages.core.folds import partition
    from stages.core.multiple import adjust
    from stages.core.params import read_params
    from stages.core.recording import read_samples, read_stimuli, read_words, stimuli_digest
    from stages.core.results import results_table, write_results
    from stages.core.ridge import lambda_grid
    from stages.probe.features import average_features
    from stages.probe.measure import measure
    from stages.probe.summary import summarise

    params = read_params(params_file)
    stimuli = read_stimuli(recording / "stimuli.parquet")
    samples = read_samples(recording / "samples.parquet")
    annotated = read_words(recording / "features.parquet", stimuli)
    folder = activations / params.model_spec.label
    about, rows = read_about(folder, stimuli_digest(stimuli))
    features = average_features(annotated, stimuli, samples)
    cut = partition(features.samples["run"].to_numpy(), params.folds)
    gap, chance = params.folds.gap, params.chance
    measured = measure(
        folder,
        about,
        rows,
        features,
        cut=cut,
        lambdas=lambda_grid(params.ridge.lambdas),
        orders=draw_shifts(cut.segments, chance.shifts, gap, chance.seed),
    )
    table = results_table(measured).assign(
        dataset=params.story.dataset, model=about.label, split=f"held-out {cut.scheme}"
    )
    table = adjust(table, ("kind", "metric"), "features × layers")
    write_results(out, table)
    write_json(metrics, summarise(table))


if __name__ == "__main__":
    main()
