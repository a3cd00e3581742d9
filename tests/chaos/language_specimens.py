"""Whole inputs of commands of the language study, and of those that pass results on."""

import shutil
from pathlib import Path

from tests.chaos.specimens import (
    STORY_CEILINGS,
    Specimen,
    apart_of,
    compared,
    follow,
    lab_words,
    line,
    specimen,
    write_params,
)
from tests.chaos.trial import Command

MODELS = ("tiny", "small")
PREPARE = Command("prepare", line("language --name table --raw raw --out recordings/table"))
ENCODED, LEFT = "results/encode/table", "results/jackknife/table"
CEILINGS = Command(
    "ceilings",
    line(
        "story --recording recordings/table --out results/ceilings/table.parquet"
        " --points results/points/table.parquet"
    ),
)
SURVEY = Command(
    "survey",
    line(
        "language --recordings recordings --activations activations --results results"
        " --summary language.json"
    ),
)
RESCORE = Command(
    "rescore",
    line(
        "language --recordings recordings --activations activations --out rescored.parquet"
        " --summary rescored.json"
    ),
)
RELATE = Command("relate", line("language --tables tables --out relations.parquet"))
DRAW = Command("plots", line("language --tables tables --out plots"))
PASS_ON = Command(
    "share", line("story --recording recording --results results --raw raw --out derivative")
)
TABLES = ("scores", "words", "layers", "pairs", "networks", "preferences")


def _read(folder: Path) -> None:
    """Words of a laboratory, and what two tiny networks predict of who hears them."""
    apart_of(_networks)(folder)
    follow(folder, PREPARE)
    for model in MODELS:
        layers = f"activations/table/{model}"
        shown = f"language --recording recordings/table --model {model} --out {layers}"
        follow(folder, Command("extract", line(shown)))
        tables = f"--out {ENCODED}/{model}.parquet --jackknife {LEFT}/{model}.parquet"
        asked = f"language --recording recordings/table --activations {layers} {tables}"
        follow(folder, Command("encode", line(asked)))
    follow(folder, CEILINGS)


def _networks(folder: Path) -> None:
    """A network that has learnt nothing, under two names, and the words it is shown."""
    lab_words(folder)
    write_params(
        folder,
        story__dataset="table",
        models__tiny="file:tiny",
        models__small="file:tiny+untrained",
        language__recordings=["table"],
        language__zoo=list(MODELS),
    )


def _zoo(folder: Path) -> None:
    """Tables of recordings and models, as the survey would have written them."""
    from stages.core.run.tables import write_table
    from tests.plots.language.made_zoo import made_zoo

    write_params(folder)
    for name, table in made_zoo().items():
        write_table(folder / "tables" / f"{name}.parquet", table)


def _passed_on(folder: Path) -> None:
    """All that a story study found."""
    compared(folder)
    follow(folder, STORY_CEILINGS)
    shutil.move(folder / "ceilings.parquet", folder / "results" / "ceilings_story.parquet")


ALL: tuple[Specimen, ...] = (
    specimen(
        "survey of language",
        _read,
        SURVEY,
        "recordings/**/* activations/**/*.json activations/**/*.parquet results/*/table/*.parquet"
        " results/ceilings/*",
        " ".join([*(f"results/{name}.parquet" for name in TABLES), "language.json"]),
        sealed=True,
    ),
    specimen(
        "rescore",
        _read,
        RESCORE,
        "recordings/**/* activations/**/*",
        "rescored.parquet rescored.json",
        sealed=True,
    ),
    specimen(
        "relate language",
        apart_of(_zoo),
        RELATE,
        "tables/scores.parquet tables/words.parquet tables/layers.parquet",
        "relations.parquet",
        sealed=True,
    ),
    specimen("pictures of language", apart_of(_zoo), DRAW, "tables/*", "plots", sealed=True),
    specimen(
        "story passed on",
        _passed_on,
        PASS_ON,
        "recording/**/* results/*.parquet results/decode_maps/*",
        "derivative",
        sealed=True,
    ),
)
