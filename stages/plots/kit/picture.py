"""Pictures with what a report says of them, and the index of a folder of pictures."""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

LETTER = 0.068  # inches of a letter of a title


@dataclass(frozen=True)
class Picture:
    """A figure, and what a report says of it.

    Attributes
    ----------
    figure : Figure
    caption : str
        One sentence: what is shown, of how many, and what the marks mean.
    table : str or None
        Name of the file with the data, or None if they are in the results alone.
    """

    figure: Figure
    caption: str
    table: str | None = None

    @property
    def title(self) -> str:
        """The title of the figure, on one line."""
        return " ".join(self.figure.get_suptitle().split())


Files = dict[str, Picture | pd.DataFrame | str]  # pictures, tables and pages, by name of the file


def folder_files(
    folder: str,
    drawn: Mapping[str, tuple[Figure | None, str]],
    tables: Mapping[str, pd.DataFrame],
) -> Files:
    """Lay pictures with their captions beside their data, each under one name, in a folder.

    Data are rounded to four digits; a figure may be missing, its data are there.
    """
    files: Files = {}
    for name, (figure, caption) in drawn.items():
        data = f"{folder}/{name}.csv"
        files[data] = tables[name].round(4)
        if figure is not None:
            files[f"{folder}/{name}.png"] = Picture(figure, caption, data)
    return files


def with_indexes(files: Files) -> Files:
    """Add `index.json` to every folder: its pictures, with title, caption and table.

    The names of files in it are relative to the folder; the order is that of the files.
    """
    folders = dict.fromkeys(name.partition("/")[0] for name in files)
    return files | {
        f"{folder}/index.json": index_text(index_entries(files, folder)) for folder in folders
    }


def index_entries(files: Files, folder: str) -> list[dict[str, str | None]]:
    """Say what the pictures of a folder are: file, title, caption and table of each."""
    start = f"{folder}/"
    return [
        {
            "file": name.removeprefix(start),
            "title": made.title,
            "caption": made.caption,
            "table": made.table and made.table.removeprefix(start),
        }
        for name, made in files.items()
        if isinstance(made, Picture) and name.startswith(start)
    ]


def index_text(entries: list[dict[str, str | None]]) -> str:
    """Write entries as `index.json` has them."""
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def set_title(figure: Figure, title: str) -> None:
    """Put a title above a figure, on as many lines as its width asks for."""
    letters = int(figure.get_figwidth() / LETTER)
    figure.suptitle(textwrap.fill(title, letters, break_on_hyphens=False), fontsize=9)


def counted(n: int, thing: str) -> str:
    """Write a number of things, as in `1 layer` or `2 layers`."""
    return f"{n} {thing}{'' if n == 1 else 's'}"
