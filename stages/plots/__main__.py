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
@path_option("--decode", "Results of decode.")
@path_option("--profile", "Results of profile.")
@path_option("--out", "Folder to write, one subfolder per stage.")
@stage
def draw(encode: Path, probe: Path, decode: Path, profile: Path, out: Path) -> None:
    """Draw heat maps, curves, bars and dots as PNG, and write their data as CSV.

    Attention heads are drawn where the model's attention was described; what was decoded, and
    compared with layers, where the recording has voxels.
    """
    from matplotlib.figure import Figure

    from stages.core.files import atomic
    from stages.core.results import read_results
    from stages.plots.gallery import decoding_files, encoding_files, probing_files, profile_files

    encoded = read_results(encode, "Run `dvc repro encode`.")
    probed = read_results(probe, "Run `dvc repro probe`.")
    decoded = read_results(decode, "Run `dvc repro decode`.")
    profiled = read_results(profile, "Run `dvc repro profile`.")
    files = encoding_files(encoded) | probing_files(probed) | decoding_files(decoded)
    files |= profile_files(profiled, decoded, probed)
    for name, made in files.items():
        with atomic(out / name) as partial:
            if isinstance(made, Figure):
                made.savefig(partial, format="png", dpi=200, metadata={"Software": None})
            else:
                made.to_csv(partial, index=False)


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
