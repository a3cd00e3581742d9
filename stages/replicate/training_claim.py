"""Shen et al. (2025) on training: that alignment precedes performance, number by number."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.names.vocabulary import ALIGNMENT
from stages.core.results.replications import RECOMPUTED
from stages.core.results.training_scores import ACCURACY, LOSS, MIXNETS, read_mixnet
from stages.core.run.errors import InputError
from stages.replicate.precedence_claim import (
    PRINTED,
    SHARES,
    TOTAL_STEPS,
    claimed_correlations,
    ema_delay,
    mixnet_halves,
    published_leads,
    steps_to_shares,
    verdict_in_words,
)
from stages.replicate.published_curves import read_digitised, read_lambada
from stages.replicate.published_targets import Found, Target

DIGITISED = "brainalign-training/pythia_alignment_digitised.tsv"
MEASURES = {ALIGNMENT: "alignment", LOSS: "log-perplexity", ACCURACY: "accuracy"}
# Steps at which alignment, log-perplexity and accuracy reach the shares of their rise.
STEPS = {
    "70m": ((187, 147, 641), (320, 349, 898), (669, 684, 1396), (2373, 1245, 2109)),
    "160m": ((188, 163, 822), (309, 397, 1257), (610, 768, 2126), (1287, 1697, 6262)),
    "410m": ((265, 215, 1099), (367, 526, 1602), (604, 943, 3000), (928, 2222, 12175)),
    "1b": ((238, 161, 734), (318, 381, 1212), (478, 773, 2545), (1151, 1821, 12138)),
    "1.4b": ((318, 178, 880), (473, 510, 1400), (711, 857, 2722), (1068, 1982, 12305)),
    "2.8b": ((321, 185, 1015), (422, 513, 1585), (715, 916, 3497), (1243, 2145, 10408)),
}
# Of six sizes, in how many alignment is earlier, by measure and share.
EARLIER = {ACCURACY: (6, 6, 6, 5), LOSS: (0, 6, 6, 5)}
CLAIM = "as `precedes` says of all six"


def _targets() -> Iterator[Target]:
    for size, value in PRINTED.items():
        yield Target(f"{size}, alignment ~ LAMBADA accuracy", f"{value:.2f}")
    yield Target("steps that both series have", "11", 0.0, RECOMPUTED)
    yield Target("last of them, % of training", ".7", 0.0, RECOMPUTED)
    yield Target("of them with an accuracy above 0, most of six sizes", "1", 0.0, RECOMPUTED)
    for measure, counts in EARLIER.items():
        for share, count in zip(SHARES, counts, strict=True):
            yield Target(_earlier(measure, share), str(count), 0.0, RECOMPUTED, "of six sizes")
            yield Target(_lead(measure, share), "")
    for measure in (ACCURACY, LOSS):
        yield Target(f"sizes in which alignment precedes {MEASURES[measure]}", "6", note=CLAIM)
    yield Target("log-perplexity behind alignment at half, least factor", "1.0", 0, RECOMPUTED)
    yield Target("log-perplexity behind alignment at half, greatest factor", "1.6", 0, RECOMPUTED)
    yield Target("averaged weights of MixNets behind the raw ones, octaves", "")
    for size, rows in STEPS.items():
        for share, steps in zip(SHARES, rows, strict=True):
            for measure, step in zip(MEASURES, steps, strict=True):
                quantity = _step(size, measure, share)
                yield Target(quantity, str(step), 0.005 * step, RECOMPUTED, shown=False)


def _earlier(measure: str, share: float) -> str:
    return f"sizes in which alignment is before {MEASURES[measure]}, at {share:.0%}"


def _lead(measure: str, share: float) -> str:
    return f"lead over {MEASURES[measure]} at {share:.0%}, octaves"


def _step(size: str, measure: str, share: float) -> str:
    return f"{size}, step at {share:.0%} of the rise of {MEASURES[measure]}"


TARGETS = tuple(_targets())


def derive_training(files: Mapping[str, Path]) -> dict[str, Found | str]:
    """Derive what the published curves give.

    Parameters
    ----------
    files : mapping of str to Path
        From `at_hand`; without the curves that were read from the figure, what stands on them
        needs them.

    Raises
    ------
    InputError
        If a file is not listed, unreadable or wrong.
    """
    if MIXNETS not in files:
        raise InputError("file not listed", where="sources.json", expected=MIXNETS)
    delay = ema_delay(mixnet_halves(read_mixnet(files[MIXNETS])))
    octaves = Found(delay.value, delay.low, delay.high, delay.n)
    found: dict[str, Found | str] = {target.quantity: DIGITISED for target in TARGETS}
    lambada = read_lambada(files)
    if DIGITISED in files:
        curves = read_digitised(files[DIGITISED])
        times = steps_to_shares(curves, lambada)
        claimed, leads = claimed_correlations(curves, lambada), published_leads(times)
        said = verdict_in_words(claimed, leads)
        found |= _correlations(claimed) | _leads(leads, said) | _steps(times) | _factors(times)
    return found | {"averaged weights of MixNets behind the raw ones, octaves": octaves}


def _correlations(claimed: pd.DataFrame) -> dict[str, Found]:
    found = {
        f"{row['size']}, alignment ~ LAMBADA accuracy": Found(row["value"], n=row["n"])
        for row in claimed.to_dict("records")
    }
    n, last = int(claimed["n"].max()), float(claimed["last_step"].max())
    return found | {
        "steps that both series have": Found(n, n=n),
        "last of them, % of training": Found(100 * last / TOTAL_STEPS, n=n),
        "of them with an accuracy above 0, most of six sizes": Found(claimed["nonzero"].max(), n=n),
    }


def _leads(leads: pd.DataFrame, said: str) -> dict[str, Found]:
    found = {}
    rows: list[dict[Any, Any]] = leads.to_dict("records")
    for row in rows:
        measure, share, n = row["measure"], row["share"], row["n_runs"]
        found[_earlier(measure, share)] = Found(row["earlier"], n=n)
        found[_lead(measure, share)] = Found(row["lead"], row["low"], row["high"], n)
        if share == SHARES[0]:
            quantity = f"sizes in which alignment precedes {MEASURES[measure]}"
            found[quantity] = Found(row["earlier"], n=n, note=f"at a tenth of the rise; {said}")
    return found


def _steps(times: pd.DataFrame) -> dict[str, Found]:
    rows: list[dict[Any, Any]] = times.to_dict("records")
    return {_step(row["size"], row["measure"], row["share"]): Found(row["first"]) for row in rows}


def _factors(times: pd.DataFrame) -> dict[str, Found]:
    """How many times later log-perplexity has half of its rise."""
    half = times[times["share"].eq(0.5)]
    half = half.pivot_table(index="size", columns="measure", values="first")
    factors = half[LOSS] / half[ALIGNMENT]
    said = "log-perplexity behind alignment at half"
    return {
        f"{said}, least factor": Found(float(factors.min()), n=len(factors)),
        f"{said}, greatest factor": Found(float(factors.max()), n=len(factors)),
    }
