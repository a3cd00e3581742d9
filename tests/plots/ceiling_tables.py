"""Ceilings of a story as the stage writes them, with the points behind them."""

import numpy as np
import pandas as pd

from stages.core.results.story_ceilings import (
    CEILING_COLUMNS,
    EXTRAPOLATED,
    LIMIT,
    MEASURED,
    POINT_COLUMNS,
    REPLICATE,
)


def ceiling_table(regions=("B_L", "A_R"), curve="agreement", ceiling=0.6, low=0.4, end=40.0):
    rows = [
        {"dataset": "made", "subject": subject, "region": region, "kind": LIMIT, "curve": curve}
        | {"ceiling": ceiling, "low": low, "high": 0.8, "subjects": 4.0, "endpoint": end}
        | {"failed": 0.0}
        for region in regions
        for subject in ("s1", "s2", "group")
    ]
    return pd.DataFrame(rows, columns=list(CEILING_COLUMNS))


def point_table(regions=("B_L", "A_R")):
    rows = []
    for region in regions:
        for n in (1.0, 2, 4, 60):
            near = 0.6 * np.sqrt(n * 0.3 / (1 + (n - 1) * 0.3))
            for part, subject, name in (
                (EXTRAPOLATED, "group", ""),
                (REPLICATE, "group", "s1"),
                (REPLICATE, "group", "s2"),
                *(((MEASURED, "s1", ""), (MEASURED, "s2", "")) if n < 5 else ()),
            ):
                rows.append(("made", subject, region, part, name, n, near))
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))
