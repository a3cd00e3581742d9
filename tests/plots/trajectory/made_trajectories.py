"""Tables of trajectories whose onsets and leads are planted, as `trajectory` writes them."""

from functools import cache

import numpy as np
import pandas as pd

from stages.core.run.tables import write_table
from stages.plots.trajectory.course_tables import read_trajectories
from stages.trajectory.curves.run_curves import alignment_curves, performance_curves
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.trajectory_tables import trajectory_tables
from tests.trajectory.planted_scores import planted_scores

ASKED = Asked((0.25, 0.5, 0.75), Ends(3, 3), 1, 50, 0)
# Seeds, octaves by which alignment is ahead, rise, size and kind of weights of every line.
FAMILIES = {
    "planted": {
        "planted": (3, 1.0, 0.3, "", ""),
        "single": (1, -1.0, 0.3, "", ""),
        "shuffled": (2, 0.0, 0.0, "", ""),
    },
    "sizes": {
        "small": (2, 1.0, 0.1, "70m", "raw"),
        "large": (1, 1.0, 0.3, "1.4b", "raw"),
        "middle": (2, 1.0, 0.2, "160m", "raw"),
    },
}


@cache
def made_tables(name):
    """Make every table of a study."""
    scores, performance = [], []
    for of, (seeds, lead, rise, size, weights) in FAMILIES[name].items():
        family = "family" if size else of
        for table, into in zip(
            planted_scores(seeds, lead, of=family, rise=rise), (scores, performance), strict=True
        ):
            into.append(table.assign(size=size, weights=weights))
    performed = pd.concat(performance, ignore_index=True).rename(columns={"family": "of"})
    aligned = alignment_curves(pd.concat(scores, ignore_index=True), ("r_partial",), 3)
    curves = pd.concat([aligned, performance_curves(performed)], ignore_index=True)
    return trajectory_tables(curves, ASKED, {}, {"planted": "shuffled"}, {})


def write_made(folder, name="planted", made_from=None, **others):
    """Write the tables of a study, some of them replaced."""
    for one, table in (made_tables(name) | others).items():
        write_table(folder / f"{one}.parquet", table, made_from)


def made(folder, name="planted", **others):
    write_made(folder, name, **others)
    return read_trajectories(folder)


def curve_file(folder, run, weights=("",), **columns):
    """Write the learning curve of a run; columns replace those of the same name."""
    steps = [0, 1, 2, 4, 8]
    rows = [
        {"step": step, "seen": 64.0 * step, "weights": kind, "lr": 0.01, "loss": 5 - step / 4}
        | {"heldout_loss": 5 - step / 5, "heldout_accuracy": step / 10}
        for step in steps
        for kind in weights
    ]
    table = pd.DataFrame(rows)
    table.loc[table["step"].eq(0), "loss"] = np.nan
    folder.mkdir(parents=True, exist_ok=True)
    table.assign(**columns).to_csv(folder / f"{run}.csv", index=False)
