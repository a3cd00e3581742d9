"""Command of the profile stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.command()
@path_option("--decode", "Results of decode.")
@path_option("--probe", "Results of probe.")
@path_option("--out", "Results table to write (parquet).")
@path_option("--summary", "Summary to write (JSON).")
@params_option
@stage
def main(decode: Path, probe: Path, out: Path, summary: Path, params_file: Path) -> None:
    """Compare what regions and layers carry, feature by feature, with chance and ceiling.

    The summary is that of the first model in the results of probe.
    """
    import logging

    import pandas as pd

    from stages.core.params.read import read_params
    from stages.core.results.results import read_results, results_table, write_results
    from stages.core.run.files import write_json
    from stages.core.run.origins import together
    from stages.core.stats.multiple import adjust
    from stages.profile.comparison import measure, too_little
    from stages.profile.summary import summarise

    params = read_params(params_file)
    decoded = read_results(decode, "decode", "Run `dvc repro decode`.")
    probed = read_results(probe, "probe", "Run `dvc repro probe`.")
    made_from = together(decode, probe)
    if lack := too_little(decoded, probed):
        logging.getLogger("concord.profile").warning("skipped: %s", lack)
        write_results(out, results_table([]), made_from)
        write_json(summary, {"skipped": lack})
        return
    tables = []
    for model, probes in probed.groupby("model", sort=False):
        table = results_table(measure(decoded, probes, params.profile)).assign(
            dataset=decoded["dataset"].iloc[0], model=model, split=decoded["split"].iloc[0]
        )
        keys = ("subject", "kind", "family", "metric")
        tables.append(adjust(table, keys, "regions × layers"))
    write_results(out, pd.concat(tables, ignore_index=True), made_from)
    write_json(summary, summarise(tables[0]))


if __name__ == "__main__":
    main()
