"""What a network returned, held against what was asked for where layers are made.

Whatever a network is, and whatever library runs it, its layers pass through here before they are
written: as many rows as stimuli, finite, and the same when a stimulus is shown again by itself. A
network that hides parts at random, whose batch normalisation still learns, that reads the padding
of shorter passages, or whose experts refuse what others crowd out, is another one each time.
"""

import logging
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stages.core.names.layers import layer_kind
from stages.core.run.errors import ConcordError
from stages.extract.towers import Ints, Layers

log = logging.getLogger("concord.extract")

# How far a stimulus shown by itself may be from what it was among others, relative to its length.
# Kernels differ from one size of batch to the next, by 1e-6 in float32, 1e-3 in TF32.
TOLERANCE = {"float32": 0.05}
HALF = 0.25
ANOTHER = "Use another model."


def check_layers(layers: Layers, n_rows: int, where: object) -> None:
    """Raise `ConcordError` unless there are layers, each finite and with a row per stimulus.

    Parameters
    ----------
    layers : Layers
    n_rows : int
        Stimuli that were shown.
    where : object
        The model, for messages.
    """
    if not layers.arrays:
        raise ConcordError("model without a layer", where=where, got="none", do=ANOTHER)
    for name, values in layers.arrays.items():
        here = f"{name} of {where}"
        if values.ndim != 2 or len(values) != n_rows or not values.shape[1]:
            expected = f"({n_rows}, any) for {n_rows} stimuli"
            raise ConcordError(
                "wrong shape", where=here, expected=expected, got=values.shape, do=ANOTHER
            )
        if not np.isfinite(values).all():
            raise ConcordError("values that are not finite", where=here)


def check_alone(
    run: Callable[[Ints], Layers], rows: Ints, layers: Layers, dtype: str, where: object
) -> None:
    """Show the last of some stimuli again, by itself, and compare every layer.

    Of passages the last is the shortest, and was padded.

    Parameters
    ----------
    run : callable
        From rows of the stimuli to their layers.
    rows : ndarray of int
    layers : Layers
        Of these rows.
    dtype : str
        How precisely they were computed.
    where : object
        The model, for messages.

    Raises
    ------
    ConcordError
        Naming the first layer that is another one.
    """
    alone = run(rows[-1:])
    check_layers(alone, 1, where)
    most = TOLERANCE.get(dtype, HALF)
    for name, values in layers.arrays.items():
        one, again = values[-1], alone.arrays.get(name)
        if again is None or again.shape[1:] != one.shape:
            got = "no such layer" if again is None else f"{again.shape[1]} units"
            raise _unlike(name, where, f"{len(one)} units", got)
        apart = _apart(one, again[0])
        if apart > most:
            expected = f"at most {most} of its length apart"
            raise _unlike(name, where, expected, f"{apart:.3g}")


def _apart(one: NDArray[np.float32], again: NDArray[np.float32]) -> float:
    first, second = one.astype(np.float64), again.astype(np.float64)
    length = max(float(np.linalg.norm(first)), float(np.linalg.norm(second)))
    return float(np.linalg.norm(first - second)) / length if length else 0.0


def _unlike(name: str, where: object, expected: str, got: str) -> ConcordError:
    return ConcordError(
        "another result for the same stimulus by itself",
        where=f"{name} of {where}",
        expected=expected,
        got=got,
        do="The model draws at random, or a stimulus depends on those beside it: use another "
        "model, or set CONCORD_BATCH_TOKENS=1 and CONCORD_BATCH_IMAGES=1.",
    )


def same_for_all(values: NDArray[np.float32]) -> bool:
    """Whether a layer is the same for every one of several stimuli."""
    return len(values) > 1 and bool((values == values[0]).all())


def check_varies(same: Mapping[str, bool], where: object) -> None:
    """Raise `ConcordError` if every layer is the same for every stimulus; name those that are.

    The embedding of a sentence's last token is one layer of those, where all end in a full stop and
    positions come in later.

    Parameters
    ----------
    same : mapping of str to bool
        By layer, what `same_for_all` says.
    where : object
        The model, for messages.
    """
    constant = [name for name, is_same in same.items() if is_same]
    if constant and len(constant) == len(same):
        raise ConcordError("every layer the same for every stimulus", where=where, do=ANOTHER)
    if constant:
        log.warning("%s: the same for every stimulus: %s", where, ", ".join(constant))


def warn_of_copies(digests: Mapping[str, str], where: object) -> None:
    """Say in the log how many layers are those before them, as in twins of residual networks.

    timm begins the last normalisation of a residual block at zero, so that the block of an
    untrained network gives what it is given.

    Parameters
    ----------
    digests : mapping of str to str
        Of each layer's values, in order of depth.
    where : object
        The model, for the message.
    """
    names = [name for name in digests if layer_kind(name) == "hidden"]
    same = [two for one, two in pairwise(names) if digests[one] == digests[two]]
    if same:
        log.warning(
            "%s: %d of %d layers are the layer before them, unchanged (such as %s): the network "
            "does nothing there, as where residual blocks begin at zero",
            where,
            len(same),
            len(names),
            same[0],
        )
