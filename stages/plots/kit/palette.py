"""One colour per family of features, the same in every picture."""

from collections.abc import Iterable

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
