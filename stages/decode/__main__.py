"""Command of the decode stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--out", "Results table to write (parquet).")
@path_option("--maps", "Folder for maps of weights (NIfTI).")
@path_option("--summary", "Summary to write (JSON).")
@params_option
@stage
def main(recording: Path, out: Path, maps: Path, summary: Path, params_file: Path) -> None:
    """Read every linguistic feature from every region, held out and against chance."""
    import logging

    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.regression.folds import partition
    from stages.core.regression.ridge import lambda_grid
    from stages.core.results.results import results_table, write_results
    from stages.core.run.files import write_json
    from stages.core.run.origins import of_recording
    from stages.core.stats.chance import draw_shifts, warn_of_short_runs
    from stages.core.stats.multiple import adjust
    from stages.core.time.sampled_features import sample_features
    from stages.core.time.timeline import aligner, word_rows
    from stages.decode.decoded_regions import find_regions, why_skipped
    from stages.decode.decoding import measure
    from stages.decode.summary import summarise
    from stages.decode.weight_maps import weight_image, write_maps

    params = read_params(params_file)
    data, made_from = read_recording(recording), of_recording(recording)
    maps.mkdir(parents=True, exist_ok=True)
    lacking = why_skipped(data)
    if lacking is not None or data.features is None:
        logging.getLogger("concord.decode").warning("%s is skipped: %s", data.dataset, lacking)
        write_results(out, results_table([]), made_from)
        write_json(summary, {"skipped": lacking})
        return
    settings = params.decode
    align = aligner(
        data.timeline,
        word_rows(data.stimuli),
        settings.downsample,
        delays=[settings.delay],
        centre=params.story.centre,
    )
    features = sample_features(data.features, align)
    regions = find_regions(data, settings)
    cut = partition(data.samples["run"].to_numpy(), params.folds)
    warn_of_short_runs(
        cut.segments,
        params.folds.gap,
        cut.joined,
        "Decoding has no control of that: see what `encode` says of its control `onset`",
    )
    found = measure(
        data,
        regions,
        features,
        cut=cut,
        lambdas=lambda_grid(settings.lambdas),
        orders=draw_shifts(
            cut.segments, params.chance.draws, params.folds.gap, params.chance.seed, cut.joined
        ),
        settings=settings,
    )
    table = results_table(found.rows + found.baseline).assign(
        dataset=data.dataset, split=f"held-out {cut.scheme}"
    )
    table = adjust(table, ("subject", "metric"), "regions × features")
    for subject in data.subjects:
        weights = {r: w for (name, r), w in found.weights.items() if name == subject.name}
        columns = {r: by[subject.name] for r, by in regions.items() if subject.name in by}
        if weights:
            write_maps(maps, subject.name, weight_image(subject, columns, weights), features.names)
    write_results(out, table, made_from)
    write_json(summary, summarise(table, found.best))


if __name__ == "__main__":
    main()
