"""Where the channels of a layer are: asked of the network, not guessed from its family.

A block gives (n, channels, height, width), (n, height, width, channels), (n, tokens, channels) or
(n, channels, tokens), and few networks say which. An image twice as high and wide tells: places
become more, channels do not. Networks that take images of one size only are judged by the shapes
themselves: height and width are those of the image, and channels as many as the network declares.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import torch
from torch.nn.functional import interpolate

from stages.core.run.errors import ConcordError

Shape = tuple[int, ...]
Forward = Callable[[torch.Tensor, Callable[[str, torch.Tensor], None]], None]
# Under which names networks and configurations declare how many channels their layers have.
DECLARED = ("num_features", "embed_dim", "embed_dims", "hidden_size", "hidden_sizes", "dims")


@torch.inference_mode()
def channel_axes(
    network: Any, forward: Forward, pixels: torch.Tensor, *, channels_last: bool = False
) -> dict[str, int]:
    """Find the axis of the channels in every layer of a network.

    Parameters
    ----------
    network : Module
    forward : callable
        Of `timm_forward` or `hidden_forward`.
    pixels : Tensor, shape (1, 3, height, width)
        An image as the network takes it.
    channels_last : bool
        Whether the network says so itself; asked only where shapes leave it open.

    Returns
    -------
    dict of str to int
        By layer; layers of two axes, without positions, have 1.

    Raises
    ------
    ConcordError
        Naming a layer whose axes cannot be told apart.
    """
    shapes, known = _shapes(forward, pixels), declared_channels(network)
    try:
        larger: Mapping[str, Shape] = _shapes(forward, interpolate(pixels, scale_factor=2.0))
    except Exception:  # networks refuse images of another size in ways of their own
        larger = {}
    axes = {}
    for name, shape in shapes.items():
        grown = _grown(shape, larger.get(name, shape))
        found = grown or _by_shape(shape, tuple(pixels.shape[2:]), known, channels_last)
        if found is None:
            raise ConcordError(
                "channels that cannot be told from positions",
                where=f"{name} of {type(network).__name__}",
                got=f"an output of {' × '.join(map(str, shape))}",
                do="Set scene.extract.vision to flattened, or use another model.",
            )
        axes[name] = found
    return axes


def _shapes(forward: Forward, pixels: torch.Tensor) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    forward(pixels, lambda name, states: shapes.update({name: tuple(states.shape)}))
    return shapes


def declared_channels(network: Any) -> set[int]:
    """List how many channels a network says that its layers have."""
    found: set[int] = set()
    for owner in (network, getattr(network, "config", None)):
        for name in DECLARED:
            value = getattr(owner, name, None)
            several = value if isinstance(value, list | tuple) else [value]
            found |= {one for one in several if isinstance(one, int)}
    info = getattr(network, "feature_info", None)
    entries = info if isinstance(info, list) else getattr(info, "info", None) or []
    return found | {int(entry["num_chs"]) for entry in entries if "num_chs" in entry}


def _grown(shape: Shape, larger: Shape) -> int | None:
    """Find the one axis that stayed as it was while others grew with the image."""
    if len(shape) != len(larger) or shape[1:] == larger[1:]:
        return None
    same = [k for k in range(1, len(shape)) if shape[k] == larger[k]]
    return same[0] if len(same) == 1 else None


def _by_shape(
    shape: Shape, image: Shape, known: Collection[int], channels_last: bool
) -> int | None:
    """Tell by height, width and declared channels; None where they do not tell."""
    last = len(shape) - 1
    if last < 2:
        return last
    ends = {axis for axis in (1, last) if shape[axis] in known}
    if last == 2:
        return 1 if ends == {1} else 2
    if last == 3:
        # Of height and width at either place, are they those of the image?
        fits = {1: _alike(shape[2:], image), 3: _alike(shape[1:3], image)}
        if fits[1] != fits[3]:
            return 1 if fits[1] else 3
    if len(ends) == 1:
        return ends.pop()
    return last if channels_last else None


def _alike(places: Shape, image: Shape) -> bool:
    """Whether height and width are in proportion to those of an image, to one place."""
    return abs(places[0] * image[1] - places[1] * image[0]) < max(image)
