"""The names of layers: what they say of kind, depth and tower."""

import re

ATTENTION = "attention_"
# The numbers that describe where a head looks, in the order of a layer's units.
ATTENTION_STATISTICS = (
    *("entropy", "distance", "self", "previous"),
    *("next", "first", "last", "focus"),
)


def layer_kind(name: str) -> str:
    """`hidden` or `attention`, by a layer's name."""
    return "attention" if name.startswith(ATTENTION) else "hidden"


def layer_modality(name: str, modality: str) -> str:
    """`vision`, `language` or `noise`: what a layer's tower was shown, of a model of a modality.

    The layers of a model of `both` begin with that of their tower.
    """
    return name.partition(".")[0] if modality == "both" else modality


def layer_number(name: str) -> int | None:
    """Place of a layer in its model, by the number that its name ends in; None without one."""
    found = re.search(r"\d+$", name)
    return int(found[0]) if found else None


def layer_distance(first: str, second: str) -> int:
    """Layers between two of one model, by the numbers that their names end in.

    Raises
    ------
    ValueError
        If a name has no number.
    """
    places = [layer_number(name) for name in (first, second)]
    if places[0] is None or places[1] is None:
        raise ValueError(f"layers without a number: {first!r}, {second!r}")
    return abs(places[0] - places[1])
