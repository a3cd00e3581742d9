"""Writes the gallery, docs/gallery.md, of a study: `python -m tests.gallery_page FOLDER`."""

import io
import json
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import click
import pandas as pd
from PIL import Image
from ruamel.yaml import YAML

from stages.core.results.shown import of_people
from tests.conftest import PROJECT

FLOWS = ("dvc.yaml", "data/language/dvc.yaml", "data/training/dvc.yaml")
WIDTHS = (480, 440, 400, 360, 320, 280, 240)
COLOURS = (256, 64, 16)
HIGHEST = 420
MOST_BYTES = 22_000
TOP = """# Gallery

Every picture that the default study draws, made from its results as they were committed. All of it
is simulated: nobody was measured. The command above the pictures makes them; for print, the command
of its stage takes `python -m stages.plots --kind pdf --width 175`
([running.md](running.md#pictures-for-print)). This page is made by
`python -m tests.gallery_page FOLDER`, of a folder with the study.
"""
# What the pictures of a folder stand on: where its people and runs are counted.
PEOPLE = {
    **dict.fromkeys(("encode", "decode", "profile"), "encode.parquet"),
    **dict.fromkeys(("align", "survey", "relate"), "survey/best.parquet"),
}


def declared() -> dict[str, str]:
    """Commands that make the folders of pictures of the default study, by folder."""
    made = {}
    for flow in FLOWS:
        stages = YAML(typ="safe").load(PROJECT / flow)["stages"]
        named = "" if flow == "dvc.yaml" else f"{flow}:"
        for stage, one in stages.items():
            for out in one.get("do", one).get("outs", ()):
                if isinstance(out, str) and out.startswith("plots/"):
                    made[out.removeprefix("plots/")] = f"dvc repro {named}{stage}"
    return made


def pictures(plots: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The folder of each picture of a study, and what its index says of it."""
    for folder in declared():
        for one in json.loads((plots / folder / "index.json").read_text(encoding="utf-8")):
            yield folder, one


def thumbnail(path: Path) -> bytes:
    """The largest thumbnail of a picture, of 256 colours or fewer, in `MOST_BYTES`."""
    with Image.open(path) as image:
        whole = image.convert("RGB")
    for colours, width in product(COLOURS, WIDTHS):
        small = whole.copy()
        small.thumbnail((width, HIGHEST), Image.Resampling.LANCZOS)
        stream = io.BytesIO()
        small.quantize(colours, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
        if len(stream.getvalue()) <= MOST_BYTES:
            return stream.getvalue()
    raise ValueError(f"no thumbnail of {path} has at most {MOST_BYTES} bytes")


def stands_on(folder: str, results: Path) -> str:
    """How many people, and runs of training, the pictures of a folder stand on."""
    study = folder.removeprefix("trajectory_")
    if folder in PEOPLE:
        return counted(people(results / PEOPLE[folder]))
    if folder == "probe":
        return "models alone: no person"
    if folder == "language":
        table = pd.read_parquet(results / "language" / "scores.parquet")
        each = table.groupby("recording", sort=False)["people"].max()
        return "; ".join(f"{name}: {counted(n)}" for name, n in each.items())
    if study != folder:
        curves = pd.read_parquet(results / "trajectory" / study / "bands.parquet")
        runs = curves.groupby("of", sort=False)["n_runs"].max()
        return "runs of training: " + ", ".join(f"{name} {int(n)}" for name, n in runs.items())
    tables = {"story": "encode.parquet", "scene": "survey/best.parquet"}
    told = [f"{name}: {counted(people(results / path))}" for name, path in tables.items()]
    return "; ".join(told)


def people(path: Path) -> int:
    """How many people have results."""
    return int(of_people(pd.read_parquet(path, columns=["subject"]))["subject"].nunique())


def counted(n: float) -> str:
    """Write a number of simulated people; a recording may be an average alone."""
    return "an average alone" if pd.isna(n) else f"{int(n)} simulated people"


def gallery_page(study: Path) -> tuple[str, Mapping[str, bytes]]:
    """Make the page of a study, and its thumbnails by name of the file."""
    parts, thumbnails, last = [TOP], {}, ""
    commands = declared()
    for folder, one in pictures(study / "plots"):
        if folder != last:
            on = stands_on(folder, study / "data" / "results")
            parts.append(f"\n## {folder}\n\n    {commands[folder]}\n\nStands on {on}.\n")
            last = folder
        name = f"{folder}-{one['file'].replace('/', '-')}"
        thumbnails[name] = thumbnail(study / "plots" / folder / one["file"])
        parts.append(f"\n![{one['title']}](gallery/{name})\n\n`{folder}/{one['file']}`: ")
        parts.append(f"**{one['title']}.** {one['caption']}\n")
    return "".join(parts), thumbnails


@click.command()
@click.argument("study", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out", type=click.Path(path_type=Path), default=PROJECT / "docs", help="Where to write."
)
def main(study: Path, out: Path) -> None:
    """Write the gallery of the folder STUDY, with its plots and data/results."""
    page, thumbnails = gallery_page(study)
    (out / "gallery").mkdir(parents=True, exist_ok=True)
    for old in (out / "gallery").glob("*.png"):
        old.unlink()
    for name, content in thumbnails.items():
        (out / "gallery" / name).write_bytes(content)
    (out / "gallery.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
