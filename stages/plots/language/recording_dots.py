"""Every model on every recording of words: one panel per region that is told of, one row each."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.plots.kit.multiples import finish_lines, line_key, plain
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK, label_width, paper
from stages.plots.language.recording_scores import SURPRISAL

PANEL, ROW = 1.45, 0.26  # inches
COLOR, ALONE, PERSON = MODALITIES["language"], "#777777", "#bbbbbb"


def recording_dots(
    table: pd.DataFrame, people: pd.DataFrame, published: pd.DataFrame, title: str
) -> Figure:
    """Draw held-out r of every model, the people behind it, and what was published.

    Parameters
    ----------
    table : DataFrame
        From `recording_rows`, with at least one row.
    people : DataFrame
        Some rows of `people_rows`: of persons alone.
    published : DataFrame
        From `published_rows`.
    title : str
    """
    models = list(table.sort_values("control", kind="stable")["model"].unique())
    places = list(table.groupby(["recording", "region"], sort=False))
    width = max(label_width(models) + PANEL * len(places) + 0.3, 5.0)
    figure = paper(width, ROW * len(models) + 2.2)
    axes = figure.subplots(1, len(places), sharey=True, squeeze=False)[0]
    for ax, ((recording, region), rows) in zip(axes, places, strict=True):
        own, said = (
            part[(part["recording"] == recording) & (part["region"] == region)]
            for part in (people, published)
        )
        _panel(ax, rows, own, models)
        for value in said.loc[said["what"] == SURPRISAL, "published"]:
            ax.axvline(value, color=INK, lw=0.9, ls=":", zorder=1)
        ax.set_title(heading(rows), fontsize=6.5)
    axes[0].set_yticks(range(len(models)), models, fontsize=6.5)
    axes[0].set_ylim(len(models) - 0.4, -0.6)
    finish_lines(figure, _keys(table, people, published), title, "")
    return figure


def heading(rows: pd.DataFrame) -> str:
    """Name a region, how many samples and people were measured, and how far people spread."""
    first = rows.iloc[0]
    region = str(first["region"]).replace("_", " ")
    counted = f"n = {first['n']:.0f}"
    if pd.isna(first["people"]):
        return "\n".join([str(first["recording"]), region, counted, "means of people alone"])
    best = rows.sort_values("score").iloc[-1]
    spread = f"people {best['people_score']:.2f} ± {best['people_sd']:.2f}"
    counted += f", {first['people']:.0f} people"
    return "\n".join([str(first["recording"]), region, counted, spread])


def _panel(ax: Axes, rows: pd.DataFrame, people: pd.DataFrame, models: list[str]) -> None:
    plain(ax)
    ax.axvline(0, color=FAINT, lw=0.5, zorder=0)
    ax.axvline(rows["nuisance"].mean(), color=ALONE, lw=1.2, zorder=1)
    for person in people.to_dict("records"):
        at = models.index(person["model"])
        ax.plot(person["score"], at, "o", color=PERSON, ms=1.6, mew=0, zorder=2)
    for row in rows.to_dict("records"):
        place, color = models.index(row["model"]), INK if row["control"] else COLOR
        face = color if row["trained"] or row["control"] else "white"
        ax.plot([row["low"], row["high"]], [place, place], color=color, lw=0.8, zorder=3)
        ax.plot(row["score"], place, "o", color=color, mfc=face, ms=4, mew=0.8, zorder=5)
        ax.plot(row["beyond"], place, "|", color=color, ms=7, mew=1.3, zorder=4)
        ax.plot(row["surprisal"], place, "^", color=color, mfc=face, ms=3.6, mew=0.7, zorder=4)
    ax.set_xlabel("held-out r", fontsize=7)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", color="#eeeeee", lw=0.5)
    ax.set_axisbelow(True)


def _keys(table: pd.DataFrame, people: pd.DataFrame, published: pd.DataFrame) -> list[Artist]:
    keys: list[Artist] = [line_key("average of people", COLOR, "", marker="o", size=4)]
    if not (table["trained"] | table["control"]).all():
        keys.append(line_key("untrained twin", COLOR, "", marker="o", size=4, face="white"))
    if table["control"].any():
        keys.append(line_key("control", INK, "", marker="o", size=4))
    if table["beyond"].notna().any():
        keys.append(line_key("beyond nuisance", COLOR, "", marker="|", size=7))
    if len(people):
        keys.append(line_key("a person", PERSON, "", marker="o", size=2))
    keys.append(line_key("nuisance alone", ALONE))
    if table["surprisal"].notna().any():
        keys.append(line_key("surprisal, no fit", COLOR, "", marker="^", size=3.6))
    if (published["what"] == SURPRISAL).any():
        keys.append(line_key(f"published: {SURPRISAL}", INK, ":"))
    return keys
