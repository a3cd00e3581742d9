"""The published claim that alignment precedes performance, derived again from its own curves.

Shen et al. (2025) support it by the correlation of two curves over the checkpoints that both have.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.run_name import EMA, RAW
from stages.core.names.vocabulary import ALIGNMENT
from stages.core.results.replications import DIFFERS, MATCHES
from stages.core.results.training_scores import ACCURACY, LOSS
from stages.core.run.errors import InputError
from stages.core.stats.monotone import isotonic, passing
from stages.core.stats.run_intervals import Mean, over_sizes

Array = NDArray[np.float64]
# Correlations printed in the figure of LAMBADA.
PRINTED = {"70m": 0.83, "160m": 0.81, "410m": 0.87, "1b": 0.75, "1.4b": 0.92, "2.8b": 0.85}
SHARES = (0.1, 0.25, 0.5, 0.75)
FIRST_STEPS = 8  # base: the mean of the steps up to it
LAST_POINTS = 5  # plateau: the mean of the last ones
TOTAL_STEPS = 143_000
COMMON = 3  # points that a correlation needs


def claimed_correlations(alignment: pd.DataFrame, lambada: pd.DataFrame) -> pd.DataFrame:
    """Correlate alignment with LAMBADA accuracy over the steps that both have.

    Returns
    -------
    DataFrame
        size, statistic, value, published, n, `last_step` (the last that both have), `nonzero` (how
        many accuracies are not 0), verdict, note.

    Raises
    ------
    InputError
        If a size has fewer than three steps in common.
    """
    rows = []
    for size, published in PRINTED.items():
        both = alignment[alignment["size"].eq(size)].merge(
            lambada[lambada["size"].eq(size)], on="step"
        )
        if len(both) < COMMON:
            where = f"the published alignment of {size}"
            expected = f"at least {COMMON} of the steps that LAMBADA has"
            raise InputError("too few common steps", where=where, expected=expected, got=len(both))
        row = {"size": size, "statistic": "pearson", "published": published, "n": len(both)}
        value = float(np.corrcoef(both[ALIGNMENT], both[ACCURACY])[0, 1])
        last, nonzero = int(both["step"].max()), int(both[ACCURACY].ge(0.0005).sum())
        same = round(value, 2) == published
        note = (
            f"steps up to {last} of {TOTAL_STEPS}, {last / TOTAL_STEPS:.1%} of training; "
            f"accuracy is 0.000 at all but {nonzero} of them"
        )
        told = {"last_step": last, "nonzero": nonzero, "note": note}
        rows.append(row | told | {"value": value, "verdict": MATCHES if same else DIFFERS})
    return pd.DataFrame(rows)


def steps_to_shares(alignment: pd.DataFrame, lambada: pd.DataFrame) -> pd.DataFrame:
    """Find the steps at which the curves reach shares of their rise.

    The base is the mean over steps up to 8, the plateau that of the last five points, and steps
    are interpolated on log2(step + 1), as the grid's step 0 needs.

    Returns
    -------
    DataFrame
        size, measure, share, `step` (of the isotonic fit), `first` (where the curve itself first
        passes), `octave` (log2 of the isotonic step + 1).
    """
    rows = []
    curves = [(ALIGNMENT, alignment, 1.0), (LOSS, lambada, -1.0), (ACCURACY, lambada, 1.0)]
    for size in PRINTED:
        for measure, table, sign in curves:
            own = table[table["size"].eq(size)].sort_values("step")
            steps, values = own["step"].to_numpy(float), sign * own[measure].to_numpy(float)
            if len(own) <= LAST_POINTS:
                continue
            octaves, levels = np.log2(steps + 1), _levels(steps, values)
            fitted = passing(octaves, isotonic(values), levels)
            first = passing(octaves, values, levels)
            for share, octave, early in zip(SHARES, fitted, first, strict=True):
                label = {"size": size, "measure": measure, "share": share, "octave": octave}
                rows.append(label | {"step": 2.0**octave - 1, "first": 2.0**early - 1})
    return pd.DataFrame(rows)


def _levels(steps: Array, values: Array) -> Array:
    base, plateau = values[steps <= FIRST_STEPS].mean(), values[-LAST_POINTS:].mean()
    return np.asarray(base + np.array(SHARES) * (plateau - base))


def published_leads(times: pd.DataFrame) -> pd.DataFrame:
    """Average over sizes the octaves by which alignment is ahead of each scale of LAMBADA.

    Returns
    -------
    DataFrame
        measure, share, lead, low, high, p, n_runs (sizes; one run each), `earlier` (sizes in which
        alignment is earlier), reason.
    """
    rows: list[dict[str, Any]] = []
    wide = times.pivot_table(index=["size", "share"], columns="measure", values="octave")
    for measure in (LOSS, ACCURACY):
        leads = (wide[measure] - wide[ALIGNMENT]).rename("lead").reset_index()
        rows += list(_means(leads, measure))
    return pd.DataFrame(rows)


def _means(leads: pd.DataFrame, measure: str) -> Iterator[dict[str, Any]]:
    for share, part in leads.groupby("share"):
        values = part["lead"].to_numpy(float)
        mean: Mean = over_sizes(values, part["size"].to_numpy(str))
        told = {"lead": mean.value, "low": mean.low, "high": mean.high, "p": mean.p}
        earlier = int((values > 0).sum())
        label = {"measure": measure, "share": share, "n_runs": mean.n, "earlier": earlier}
        yield label | told | {"reason": mean.reason}


def verdict_in_words(correlations: pd.DataFrame, leads: pd.DataFrame) -> str:
    """Say what of the claim holds."""
    matching = int(correlations["verdict"].eq(MATCHES).sum())
    last, n = correlations["last_step"].max(), int(correlations["n"].max())
    parts = [
        f"{matching} of {len(correlations)} printed correlations are reproduced, from {n} common "
        f"points that end at {last / TOTAL_STEPS:.1%} of training"
    ]
    for measure, name in ((ACCURACY, "accuracy"), (LOSS, "log-perplexity of the same text")):
        own = leads[leads["measure"].eq(measure)]
        onset, half = (own[own["share"].eq(share)].iloc[0] for share in (0.1, 0.5))
        said = f"{_told(onset)} at a tenth and {_told(half)} at half of the rise"
        parts.append(f"against {name} alignment {said}")
    parts.append("one run of each size: no interval over runs")
    return "; ".join(parts)


def _told(row: "pd.Series[Any]") -> str:
    reach = f"{abs(row['lead']):.1f} octaves"
    earlier = f"(earlier in {row['earlier']} of {row['n_runs']} sizes)"
    if row["low"] > 0:
        return f"leads by {reach} {earlier}"
    return f"lags by {reach} {earlier}" if row["high"] < 0 else f"is not told apart {earlier}"


def mixnet_halves(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Find when MixNets have half of their top-1, of raw and of averaged weights.

    The base is the first checkpoint (after one epoch), the plateau the mean of the last two.

    Returns
    -------
    DataFrame
        size, weights, `seen` (images), `octave` of half the rise, and on rows of the averaged
        weights `later`: by how many octaves they are behind the raw ones.
    """
    rows = []
    for (size, weights), part in accuracies.groupby(["size", "weights"], sort=False):
        ordered = part.sort_values("epoch")
        values = ordered["top1"].to_numpy(float)
        level = np.array([(values[0] + values[-2:].mean()) / 2])
        octaves = np.log2(ordered["seen"].to_numpy(float))
        octave = float(passing(octaves, isotonic(values), level)[0])
        rows.append({"size": size, "weights": weights, "octave": octave, "seen": 2.0**octave})
    halves = pd.DataFrame(rows)
    raw = halves[halves["weights"].eq(RAW)].set_index("size")["octave"]
    later = halves["octave"] - halves["size"].map(raw)
    return halves.assign(later=later.where(halves["weights"].eq(EMA)))


def ema_delay(halves: pd.DataFrame) -> Mean:
    """Average over sizes the octaves by which averaged weights are behind."""
    known = halves[halves["weights"].eq(EMA)]
    return over_sizes(known["later"].to_numpy(float), known["size"].to_numpy(str))
