"""What the training loop asks of a network that is trained, whatever it learns."""

from pathlib import Path
from typing import Any, Protocol

from stages.train.processes import Processes

Measures = dict[str, float]


class Trainee(Protocol):
    """A network with all that its training needs.

    Attributes
    ----------
    weights : tuple of str
        The sets of weights that are kept of it: `("",)`, or `("raw", "ema", "calibrated")`.
    seen_per_update : float
        Tokens or images of one update.
    processes : Processes
        Those that train it.
    """

    weights: tuple[str, ...]
    seen_per_update: float
    processes: Processes

    def update(self, step: int) -> float:
        """Take update number `step`, from 1; return the loss of its batch before it."""

    def rate(self) -> float:
        """Return the learning rate of the last update, or before the first that of the first."""

    def evaluate(self, weights: str) -> Measures:
        """Measure one set of weights on the held-out material."""

    def save(self, folder: Path, weights: str) -> None:
        """Write one set of weights as a model that `file:` opens."""

    def state(self) -> dict[str, Any]:
        """Everything that the next updates depend on, as tensors and plain values."""

    def restore(self, state: dict[str, Any], step: int) -> None:
        """Go on as after update number `step`, from what `state` gave then."""
