"""The words and columns that the tables of trajectories are made of."""

RUN = ["of", "size", "seed", "weights"]
SERIES = ["side", "measure", "layer", "region", "subject"]
NULL = ["null_mean", "null_sd"]
CURVE = [*RUN, "step", "seen", *SERIES, "choice", "value", "relative", "gain", *NULL]
BETTER_LOW = ("loss", "bits", "perplexity", "error")


def turned(measure: str) -> float:
    """Give -1 for a measure that falls as a model learns, 1 for others."""
    return -1.0 if measure.endswith(BETTER_LOW) else 1.0
