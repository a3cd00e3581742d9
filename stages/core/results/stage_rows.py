"""What each stage measures: the kinds of its rows of results, and what every row of it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pandas as pd

Stage = Literal["encode", "probe", "decode", "profile", "align", "ceilings"]


@dataclass(frozen=True)
class StageRows:
    """The rows that a stage writes: columns that are never empty, those that always are, kinds."""

    named: tuple[str, ...]
    empty: tuple[str, ...]
    kinds: tuple[str, ...]


PLACE, LAYER, FEATURE = ("subject", "region"), ("model", "layer"), ("target", "family")
STAGE_ROWS: Mapping[Stage, StageRows] = MappingProxyType(
    {
        "encode": StageRows(
            named=("dataset", *PLACE, *LAYER),
            empty=("family",),
            kinds=("hidden", "attention", "control", "nested", "baseline", "surprisal"),
        ),
        "probe": StageRows(
            named=("dataset", *FEATURE, *LAYER),
            empty=PLACE,
            kinds=("hidden", "attention", "head", "baseline"),
        ),
        # Its baseline is of no region.
        "decode": StageRows(
            named=("dataset", *FEATURE), empty=("model",), kinds=("frem", "baseline")
        ),
        "profile": StageRows(
            named=("dataset", *PLACE, "family", *LAYER),
            empty=("target",),
            kinds=("hidden", "attention"),
        ),
        "align": StageRows(
            named=("dataset", *PLACE, "model"),
            empty=FEATURE,
            kinds=("layer", "noise", "projected", "ceiling"),
        ),
        "ceilings": StageRows(
            named=("dataset", *PLACE), empty=(*FEATURE, *LAYER), kinds=("ceiling",)
        ),
    }
)


def foreign(table: pd.DataFrame, stage: Stage) -> "pd.Series[bool]":
    """Tell which rows of a table of results the stage does not write.

    Parameters
    ----------
    table : DataFrame
        With the columns of the results contract.
    stage : str
    """
    rows = STAGE_ROWS[stage]
    lacking = (table[list(rows.named)] == "").any(axis=1)
    besides = (table[list(rows.empty)] != "").any(axis=1)
    return lacking | besides | ~table["kind"].isin(rows.kinds)
