"""Patches on the standard surface."""

import pandas as pd

SIZE = 300  # vertices of a patch


def labels_of(regions, size=SIZE):
    """A patch of vertices for every region, in both hemispheres."""
    rows = [
        (side, vertex, region)
        for side in ("left", "right")
        for place, region in enumerate(regions)
        for vertex in range(place * size, (place + 1) * size)
    ]
    return pd.DataFrame(rows, columns=["hemisphere", "vertex", "region"])
