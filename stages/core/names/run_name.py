"""What the name of a run says: what is learnt, the network's size, the seed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stages.core.run.errors import InputError

_NAME = re.compile(r"(?P<kind>[a-z]+)(?:-(?P<size>[a-z][a-z0-9_]*))?-(?P<seed>[0-9]{1,9})")

# What can be learnt: a text or images as they are, and the control of each.
STORY_KINDS = ("read", "shuffled")
SCENE_KINDS = ("labels", "shuffled")
# What is kept of an image network: its weights as trained, their average, and both of these with
# batch statistics that fit them.
RAW, EMA, CALIBRATED, EMA_CALIBRATED = "raw", "ema", "calibrated", "ema_calibrated"
AVERAGES, FITTED = (EMA, EMA_CALIBRATED), (CALIBRATED, EMA_CALIBRATED)


@dataclass(frozen=True)
class RunName:
    """One training run.

    Attributes
    ----------
    kind : str
        What is learnt; `shuffled` is the control.
    size : str
        A key of the sizes; empty for the default one.
    seed : int
        Of the first weights, of the order of the batches, of all chance in training.
    """

    kind: str
    size: str
    seed: int

    @property
    def shuffled(self) -> bool:
        """Whether the run is the control."""
        return self.kind == "shuffled"


def parse_run(
    name: str, kinds: Sequence[str], sizes: Sequence[str] = (), where: str | None = None
) -> RunName:
    """Read `KIND-SEED` or `KIND-SIZE-SEED`; `where` it stands is for the message.

    Raises
    ------
    InputError
        If the name is not of that form, or has an unknown kind or size.
    """
    found = _NAME.fullmatch(name)
    known = found and found["kind"] in kinds and (not found["size"] or found["size"] in sizes)
    if not found or not known:
        size = f"[-SIZE] with SIZE {' or '.join(sizes)}" if sizes else ""
        expected = f"{' or '.join(kinds)}{size}, then -SEED"
        raise InputError("unknown run", where=where, expected=expected, got=repr(name))
    return RunName(found["kind"], found["size"] or "", int(found["seed"]))
