"""Command of the plots stage."""

from pathlib import Path

import click

from stages.core.command import path_option, stage


@click.group()
def main() -> None:
    """Draw the results, or make the page that shows them without a network."""


@main.command()
@path_option("--encode", "Results of encode.")
@path_option("--probe", "Results of probe.")
@path_option("--out", "Folder to write, one subfolder per stage.")
@stage
def draw(encode: Path, probe: Path, out: Path) -> None:
    """Draw heat maps and curves as PNG, and write their data as CSV.

    Attention heads are drawn where the model's attention was described.
    """
    from stages.core.files import atomic
    from stages.core.results import GROUP, read_results, shown_subject
    from stages.plots.heads import head_map
    from stages.plots.pictures import heat_map, layer_curves
    from stages.plots.tables import encoding_table, heads_table, probing_table

    encoded = read_results(encode, "Run `dvc repro encode`.")
    probed = read_results(probe, "Run `dvc repro probe`.")
    title = f"{encoded['dataset'].iloc[0]}, {encoded['model'].iloc[0]}"
    subject = shown_subject(encoded).replace(GROUP, "subject average")
    brain = f"Layers to brain: {title}, {subject}"
    regions, families, heads = encoding_table(encoded), probing_table(probed), heads_table(probed)
    pictures = {
        "encode/regions.png": heat_map(regions, "region", brain),
        "encode/layers.png": layer_curves(regions, brain),
        "probe/families.png": heat_map(families, "type", f"Layers to features: {title}"),
    }
    if len(heads):
        pictures["probe/heads.png"] = head_map(heads, f"Attention heads to features: {title}")
    for name, figure in pictures.items():
        with atomic(out / name) as partial:
            figure.savefig(partial, format="png", dpi=200, metadata={"Software": None})
    tables = {
        "encode/regions.csv": regions,
        "probe/families.csv": families,
        "probe/heads.csv": heads,
    }
    for name, table in tables.items():
        with atomic(out / name) as partial:
            table.to_csv(partial, index=False)


@main.command()
@click.argument("out", type=click.Path(path_type=Path))
@stage
def page(out: Path) -> None:
    """Write the HTML template OUT for `dvc plots show` without a network."""
    from stages.core.files import atomic
    from stages.plots.offline import offline_page

    with atomic(out) as partial:
        partial.write_text(offline_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
