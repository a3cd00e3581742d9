"""One colour per family of features, model, modality and network, the same in every picture."""

from collections.abc import Iterable

import pandas as pd

from stages.core.names.vocabulary import NOISE, UNTRAINED

# Okabe and Ito's colours, which the colour-blind tell apart.
KNOWN = {
    "semantics": "#009e73",
    "discourse": "#0072b2",
    "syntax": "#d55e00",
    "visual": "#cc79a7",
}


OTHERS = ("#e69f00", "#56b4e9", "#f0e442", "#000000")


def family_colors(families: Iterable[str]) -> dict[str, str]:
    """Give each family its colour; beyond eight, colours repeat."""
    others = [name for name in families if name not in KNOWN]
    return KNOWN | {name: OTHERS[i % len(OTHERS)] for i, name in enumerate(others)}


# Of Okabe and Ito's colours, the cold ones and the warm ones.
MODALITIES = {"vision": "#0072b2", "language": "#d55e00", UNTRAINED: "#8c8c8c", NOISE: "#222222"}


BOTH = "#009e73"  # a model of two towers


SHADES = {
    "vision": ("#0072b2", "#56b4e9", "#009e73", "#1b4f72"),
    "language": ("#d55e00", "#e69f00", "#cc79a7", "#7b2d00"),
}


# The colours that Yeo et al. (2011) gave their seven networks.
NETWORKS = {
    "VIS": "#781286",
    "SOM": "#4682b4",
    "DAN": "#00760e",
    "VAN": "#c43afa",
    "LIM": "#c9dc6b",
    "FPN": "#e69422",
    "DMN": "#cd3e4e",
}


NOWHERE = "no network"
ELSEWHERE = "#bdbdbd"  # a region of no network


def network_color(network: object) -> str:
    """Give a network its colour, and grey what is in none."""
    return NETWORKS.get(str(network), ELSEWHERE)


def model_colors(models: pd.DataFrame) -> dict[str, str]:
    """Give every trained model a shade of its modality, or all the same where there are many.

    Parameters
    ----------
    models : DataFrame
        Columns name and kind, as from `with_names`.
    """
    colors: dict[str, str] = {}
    for kind, names in models.groupby("kind", sort=False)["name"].unique().items():
        shades = list(SHADES.get(str(kind), ()))
        if len(names) > len(shades):
            shades = [MODALITIES[str(kind)]] * len(names)
        colors |= dict(zip(names, shades, strict=False))
    return colors
