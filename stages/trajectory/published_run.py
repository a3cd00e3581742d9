"""The tables of the published curves, and what the metrics file says of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.results.relations import MATCHES
from stages.core.results.results import rounded
from stages.core.run.errors import InputError
from stages.trajectory.precedence_claim import (
    claimed_correlations,
    ema_delay,
    mixnet_halves,
    published_leads,
    steps_to_shares,
    verdict_in_words,
)
from stages.trajectory.published_curves import read_digitised, read_lambada, read_mixnet

MIXNET = "brainalign/data/intermediate_results/results.csv"
NOT_GIVEN = "not derived: the published alignment was not given"


def published_tables(files: Mapping[str, Path], alignment: Path | None) -> dict[str, pd.DataFrame]:
    """Make all tables that the files allow.

    Parameters
    ----------
    files : mapping of str to Path
        From `fetch`.
    alignment : Path, optional
        See `read_digitised`.

    Returns
    -------
    dict of str to DataFrame
        `mixnet` and `steps`; with the alignment also `correlations` and `leads`.

    Raises
    ------
    InputError
        If a file is not listed, unreadable or wrong.
    """
    if MIXNET not in files:
        raise InputError("file not listed", where="sources.json", expected=MIXNET)
    lambada = read_lambada(files)
    tables = {"mixnet": mixnet_halves(read_mixnet(files[MIXNET]))}
    if alignment is None:
        empty = pd.DataFrame({"size": pd.Series(dtype=str), "step": [], "alignment": []})
        return tables | {"steps": steps_to_shares(empty, lambada)}
    curves = read_digitised(alignment)
    steps = steps_to_shares(curves, lambada)
    correlations = claimed_correlations(curves, lambada)
    return tables | {"steps": steps, "correlations": correlations, "leads": published_leads(steps)}


def summarise_published(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Reduce the tables to flat numbers and the verdict in words."""
    delay = ema_delay(tables["mixnet"])
    summary: dict[str, Any] = {
        "ema_later_octaves": rounded(delay.value),
        "ema_later_low": rounded(delay.low),
        "ema_later_high": rounded(delay.high),
        "mixnets": delay.n,
    }
    if "leads" not in tables:
        return {"verdict": NOT_GIVEN} | summary
    correlations, leads = tables["correlations"], tables["leads"]
    for row in leads.to_dict("records"):
        place = f"lead_{row['measure']}_{row['share'] * 100:.0f}"
        summary |= {place: rounded(row["lead"]), f"{place}_sizes_earlier": int(row["earlier"])}
    reproduced = int(correlations["verdict"].eq(MATCHES).sum())
    verdict = verdict_in_words(correlations, leads)
    return {"verdict": verdict, "correlations_reproduced": reproduced} | summary
