"""What a study may look like."""

import numpy as np
import pytest

# Columns that name a measurement of profile.
PLACE = ["subject", "family", "region", "metric", "kind", "layer"]

# One region, very many, deep models, no attention, no controls, no ceiling.
SHAPES = {
    "one region": {"regions": ("reading_time",)},
    "two regions of a small model": {"regions": ("LATL", "RATL"), "blocks": 1},
    "five regions, no attention": {"regions": tuple("ABCDE"), "blocks": 24, "attention": False},
    "deep": {"regions": ("LATL", "RATL", "LIFG"), "blocks": 48},
    "no ceiling": {"ceiling": np.nan},
    "bare": {"ceiling": np.nan, "attention": False, "controls": ()},
    "one subject": {"subjects": ("s1",), "ceiling": np.nan},
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
