"""Command of the survey stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--activations", "Folder of the dataset's activations, one folder per model.")
@path_option("--align", "Folder of the results of align, one table per model.")
@path_option("--out", "Folder of tables to write (parquet).")
@path_option("--metrics", "Metrics to write (JSON): gradients, consistency, controls, contrast.")
@path_option("--align-metrics", "Metrics to write (JSON): per model, metric and region.")
@params_option
@stage
def main(
    *,
    recording: Path,
    activations: Path,
    align: Path,
    out: Path,
    metrics: Path,
    align_metrics: Path,
    params_file: Path,
) -> None:
    """Compare the models of the zoo: where, how deep and how surely they align with the brain."""
    from stages.core.params.read import read_params
    from stages.core.results.results import read_results
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.survey.places import read_place
    from stages.survey.summary import summarise, summarise_models
    from stages.survey.survey_tables import survey
    from stages.survey.zoo_models import read_models

    params = read_params(params_file)
    place = read_place(recording)
    specs = [params.zoo_spec(name) for name in params.zoo]
    models = read_models(specs, activations, place.digest)
    aligned = {
        model.name: read_results(
            align / f"{model.name}.parquet", f"Run `dvc repro align@{model.name}`."
        )
        for model in models
        if model.about is not None
    }
    tables = survey(models, aligned, place, params.survey)
    for name, table in tables.items():
        write_table(out / f"{name}.parquet", table)
    write_json(metrics, summarise(tables, params.survey.metric))
    write_json(align_metrics, summarise_models(tables["best"]))


if __name__ == "__main__":
    main()
