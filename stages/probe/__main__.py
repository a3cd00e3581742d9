"""Command of the probe stage."""

from pathlib import Path

import click

from stages.core.run.command import comparison_options, stage


@click.command()
@comparison_options
@stage
def main(recording: Path, activations: Path, out: Path, params_file: Path) -> None:
    """Read every linguistic feature from every layer and head, held out and against chance.

    A model that could not be run gets an empty table.
    """
    from stages.core.activations.activations import read_about, read_failure
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import (
        read_nuisance,
        read_stimuli,
        read_timeline,
        read_words,
    )
    from stages.core.recording.types import stimuli_digest
    from stages.core.regression.folds import partition
    from stages.core.regression.ridge import lambda_grid
    from stages.core.results.results import results_table, write_results
    from stages.core.run.origins import of_layers
    from stages.core.stats.chance import draw_shifts, warn_of_short_runs
    from stages.core.stats.multiple import adjust
    from stages.core.time.sampled_features import sample_features
    from stages.core.time.timeline import aligner, word_rows
    from stages.probe.probe_controls import make_controls
    from stages.probe.probing import measure

    params, made_from = read_params(params_file), of_layers(recording, activations)
    if read_failure(activations) is not None:
        write_results(out, results_table([]), made_from)
        return
    stimuli = read_stimuli(recording / "stimuli.parquet")
    timeline = read_timeline(recording)
    annotated = read_words(recording / "features.parquet", stimuli)
    about, rows = read_about(activations, stimuli_digest(stimuli))
    words, downsample, centre = word_rows(stimuli), params.probe.downsample, params.story.centre
    align = aligner(timeline, words, downsample, [0], centre=centre)
    features = sample_features(annotated, align)
    controls = make_controls(
        features,
        annotated,
        read_nuisance(recording, stimuli),
        words["run"].to_numpy(),
        align,
        draws=params.probe.shuffles,
        seed=params.chance.seed,
    )
    cut = partition(timeline.samples["run"].to_numpy(), params.folds)
    gap, chance = params.folds.gap, params.chance
    warn_of_short_runs(
        cut.segments,
        gap,
        cut.joined,
        "Give what fades after run onset as nuisance variables, and read `r_partial`",
    )
    measured = measure(
        activations,
        about,
        aligner(timeline, rows, downsample, [0], centre=centre),
        features,
        n_rows=len(rows),
        cut=cut,
        lambdas=lambda_grid(params.ridge.lambdas),
        orders=draw_shifts(cut.segments, chance.draws, gap, chance.seed, cut.joined),
        controls=controls,
    )
    table = results_table(measured).assign(
        dataset=params.story.dataset, model=about.label, split=f"held-out {cut.scheme}"
    )
    table = adjust(table, ("kind", "metric"), "features × layers or heads")
    write_results(out, table, made_from)


if __name__ == "__main__":
    main()
