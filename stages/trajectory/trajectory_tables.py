"""All tables of trajectories, and what the metrics file says of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE, GROUP, MEAN
from stages.core.results.leaks import MARK
from stages.core.results.results import rounded
from stages.core.stats.run_intervals import over_runs
from stages.trajectory.leads.cross_tables import cross_table
from stages.trajectory.leads.lead_tables import run_leads
from stages.trajectory.leads.mean_lead_tables import mean_leads
from stages.trajectory.onsets.onset_tables import HALF, Asked, bands, mean_onsets, run_onsets
from stages.trajectory.onsets.order_tables import order_table
from stages.trajectory.planted.family_truth import FamilyTruth, told_of
from stages.trajectory.rises.control_tables import RUNS, control_tables
from stages.trajectory.rises.rise_tables import rise_table
from stages.trajectory.rises.stimulus_intervals import STIMULI, Shares

TABLES = (
    "curves",
    "bands",
    "run_onsets",
    "onsets",
    "run_leads",
    "leads",
    "order",
    "cross",
    "rises",
    "controls",
    "control_courses",
)


def trajectory_tables(
    curves: pd.DataFrame,
    asked: Asked,
    truth: Mapping[str, FamilyTruth],
    controls: Mapping[str, str],
    pieces: Shares,
) -> dict[str, pd.DataFrame]:
    """Make every table from the curves of alignment and performance.

    Parameters
    ----------
    curves : DataFrame
        The columns `CURVE`.
    asked : Asked
    truth : mapping of str to FamilyTruth
        By family.
    controls : mapping of str to str
        The control of each family that has one.
    pieces : mapping
        From `shares_by_place`.

    Returns
    -------
    dict of str to DataFrame
        By the names `TABLES`.
    """
    onsets = run_onsets(curves, asked)
    single = run_leads(curves, onsets, asked)
    tables = {
        "curves": curves,
        "bands": bands(curves),
        "run_onsets": onsets,
        "onsets": mean_onsets(onsets),
        "run_leads": single,
        "leads": mean_leads(single, curves, pieces, asked),
        "order": order_table(onsets, truth, asked.draws),
        "cross": cross_table(curves, asked),
        "rises": rise_table(curves, pieces, asked.ends),
        **control_tables(curves, controls, asked.ends, pieces),
    }
    return {name: tables[name] for name in TABLES}


def summarise(
    tables: Mapping[str, pd.DataFrame], truth: Mapping[str, FamilyTruth]
) -> dict[str, Any]:
    """Reduce the tables to headlines: flat numbers and short texts, by family.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        From `trajectory_tables`.
    truth : mapping of str to FamilyTruth
        By family.

    Returns
    -------
    dict
        Per family and kind of weights: runs, the shape of the mean alignment over regions, its
        rise with an interval over runs and one over stimuli, its time to half, its lead over each
        measure of performance at half with interval, p and verdict, the agreement of orders, and
        by how much it rises beyond its control; of a planted family its lead, and by how much later
        layers are measured to be half there than they are. Missing numbers are left out.
    """
    summary: dict[str, Any] = {}
    onsets, leads, order = tables["run_onsets"], tables["leads"], tables["order"]
    controls = tables["controls"]
    for (of, weights), runs in onsets.groupby(["of", "weights"], sort=False):
        name = str(of) if not weights else f"{of}_{weights}"
        summary[name] = _family(runs) | _leads(_own(leads, of, weights))
        summary[name] |= _order(_own(order, of, weights))
        summary[name] |= _control(_own(controls, of, weights))
        if (planted := truth.get(str(of))) is not None:
            summary[name] |= _numbers(told_of(planted, runs))
        summary[name] |= _rise_over_stimuli(_own(tables["rises"], of, weights))
    return summary


def _own(table: pd.DataFrame, of: object, weights: object) -> pd.DataFrame:
    return (
        table[table["of"].eq(str(of)) & table["weights"].eq(str(weights))] if len(table) else table
    )


def _family(runs: pd.DataFrame) -> dict[str, Any]:
    main = runs[runs["side"].eq(ALIGNMENT) & runs["layer"].eq(CHOSEN)]
    main = main[main["region"].eq(EVERYWHERE) & main["subject"].isin([GROUP, MEAN])]
    half = main[main["share"].eq(HALF)]
    shapes = half["shape"].replace("", "too few checkpoints").value_counts()
    leaks = MARK if half["measure"].str.endswith(MARK).any() else ""
    found = {
        "runs": len(half[["size", "seed"]].drop_duplicates()),
        "alignment": ", ".join(f"{name}: {count}" for name, count in shapes.items()) + leaks,
        "layer_by": ", ".join(sorted(set(half["choice"]))),
    }
    rise = over_runs(half["rise"].to_numpy(float), half["size"].to_numpy(str))
    numbers = {"rise": rise.value, "rise_low": rise.low, "rise_high": rise.high}
    return found | _numbers(numbers | {"half_octave": half["octave"].mean()})


def _rise_over_stimuli(rises: pd.DataFrame) -> dict[str, Any]:
    main = rises[rises["region"].eq(EVERYWHERE) & rises["size"].eq("")]
    main = main[main["over"].eq(STIMULI)]
    if main.empty:
        return {}
    row = main.iloc[0]
    return _numbers({f"rise_stimuli_{key}": row[key] for key in ("low", "high")})


def _leads(leads: pd.DataFrame) -> dict[str, Any]:
    if leads.empty:
        return {}
    main = leads[leads["region"].eq(EVERYWHERE) & leads["share"].eq(HALF) & leads["size"].eq("")]
    found: dict[str, Any] = {}
    for row in main[main["over"].eq("runs")].to_dict("records"):
        place = f"lead_{row['measure']}"
        numbers = {f"{place}_{key}": row[key] for key in ("low", "high", "p")}
        found |= _numbers({place: row["lead"]} | numbers) | {f"{place}_runs": int(row["n_runs"])}
        found[f"{place}_verdict"] = row["verdict"]
        if row["reason"]:
            found[f"{place}_reason"] = row["reason"]
    for row in main[main["over"].eq(STIMULI)].to_dict("records"):
        ends = {f"lead_{row['measure']}_stimuli_{key}": row[key] for key in ("low", "high")}
        found |= _numbers(ends)
    return found


def _order(order: pd.DataFrame) -> dict[str, Any]:
    if order.empty or "rho" not in order:
        return {}
    found: dict[str, Any] = {}
    for row in order[order["against"].ne("")].to_dict("records"):
        place = f"order_{row['axis']}_{row['against'].replace(' ', '_')}"
        found |= _numbers({place: row["rho"], f"{place}_p": row["p"]})
    return found


def _control(controls: pd.DataFrame) -> dict[str, Any]:
    main = controls[controls["region"].eq(EVERYWHERE) & controls["size"].eq("")]
    shown = main[main["over"].eq(STIMULI)].iloc[:1]
    main = main[main["over"].eq(RUNS)]
    if main.empty:
        return {}
    row = main.iloc[0]
    numbers = {"beyond_control": row["difference"], "control_rise": row["control_rise"]}
    numbers |= {f"beyond_control_{key}": row[key] for key in ("low", "high", "p")}
    told = {"control": row["control"], "beyond_control_verdict": row["verdict"]}
    reason = {"beyond_control_reason": row["reason"]} if row["reason"] else {}
    for over in shown.to_dict("records"):
        numbers |= {f"beyond_control_stimuli_{key}": over[key] for key in ("low", "high")}
    return told | _numbers(numbers) | {"beyond_control_runs": int(row["n_runs"])} | reason


def _numbers(values: Mapping[str, float]) -> dict[str, float]:
    return {name: rounded(value) for name, value in values.items() if np.isfinite(value)}
