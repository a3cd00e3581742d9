"""The headline of the families: what alignment gained in training, when, and how early."""

from collections.abc import Mapping
from typing import Any

from stages.headline.picking import coarse

# What is told of every family, and of every measure of its performance.
TOLD = (
    "rise",
    "rise_stimuli_low",
    "rise_stimuli_high",
    "half_octave",
    "planted_lead",
    "onset_delay",
    "onset_delay_low",
    "onset_delay_high",
    "order_layer_truth",
    "order_region_truth",
)
BEYOND, LEAD = "beyond_control", "lead_"
ASIDE = ("_p", "_runs", "_verdict", "_reason")


def trajectory_numbers(
    found: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> dict[str, dict[str, float]]:
    """Pick the headline.

    Parameters
    ----------
    found : mapping of str to mapping
        The summaries of `story` and `scene`, each by family.

    Returns
    -------
    dict
        By study and family: what alignment rises by (these runs, with the ends of an interval over
        other stimuli), the octave of tokens or images at which half
        of that is there, by how much more than its control it rises (where all of its runs are
        compared), by how many octaves it leads each measure of performance (both with the ends of
        the interval where there is one), and of a planted family its lead, by how many octaves
        later than planted half of the rise is measured, and how well the order of onset agrees.
    """
    return {
        f"{study}.{family}": {
            name: coarse(value) for name, value in numbers.items() if _is_told(name, numbers)
        }
        for study, families in found.items()
        for family, numbers in families.items()
    }


def _is_told(name: str, numbers: Mapping[str, Any]) -> bool:
    if name.startswith(BEYOND) and numbers["beyond_control_runs"] < numbers["runs"]:
        return False  # of other runs than the rise that stands beside it
    return name in TOLD or (name.startswith((BEYOND, LEAD)) and not name.endswith(ASIDE))
