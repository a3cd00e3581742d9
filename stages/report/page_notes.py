"""What a page leaves out, so that it stays small enough to be passed on: it says so itself."""

import logging

import pandas as pd

log = logging.getLogger("concord.report")
COLUMNS = ["view", "line"]


def left_out(view: str, *lines: str) -> pd.DataFrame:
    """Log what a view leaves out, and make a table of it.

    Returns
    -------
    DataFrame
        Columns view and line.
    """
    for line in lines:
        log.warning("%s: %s", view, line)
    return pd.DataFrame([(view, line) for line in lines], columns=COLUMNS).astype(str)
