"""Images through a network: every block's output, whole or pooled, in few units."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core.nets.blocks import block_names
from stages.core.run.errors import ConcordError, InputError
from stages.extract.failures import model_code
from stages.extract.reduction import Reduction
from stages.extract.towers import Ints, Layers

Take = Callable[[str, torch.Tensor], None]
Transform = Callable[[NDArray[np.uint8]], torch.Tensor]
Forward = Callable[[torch.Tensor, Take], None]
SMALLER = "Set CONCORD_BATCH_IMAGES to less, or CONCORD_DEVICE=cpu."


class ImageBatches:
    """Images that are read one at a time and made into what a network takes.

    Parameters
    ----------
    images : sequence of ndarray of uint8, shape (height, width, 3)
        Such as a dataset of HDF5.
    ids : sequence of str
    transform : callable
        From an image to a tensor, 3 × height × width.
    """

    def __init__(self, images: Any, ids: Sequence[str], transform: Transform) -> None:
        self._images, self._ids, self._transform = images, ids, transform

    def __call__(self, row: int) -> torch.Tensor:
        """Transform the image of one stimulus.

        Raises
        ------
        ConcordError
            Naming the image that cannot be read or transformed.
        """
        try:
            return self._transform(np.asarray(self._images[row]))
        except Exception as error:  # the decoders of HDF5 and PIL raise what they like
            why = str(error).partition("\n")[0]
            where = f"image {self._ids[row]}"
            raise ConcordError("image does not decode", where=where, got=why) from error

    def __len__(self) -> int:
        return len(self._ids)

    def batches(self, rows: Ints, size: int) -> Iterator[torch.Tensor]:
        """Yield images in batches, the next ones being made while one is looked at."""
        threads = min(size, os.cpu_count() or 1)
        with ThreadPoolExecutor(threads) as pool:
            made = [pool.submit(self, int(row)) for row in rows]
            try:
                for start in range(0, len(made), size):
                    yield torch.stack([future.result() for future in made[start : start + size]])
            finally:
                pool.shutdown(cancel_futures=True)


@contextmanager
def _hooks(network: Any, names: Sequence[str], n_images: int, take: Take) -> Iterator[None]:
    """Hand the outputs of named modules over as they are made."""

    def hook(name: str) -> Callable[..., None]:
        return lambda module, given, output: take(name, _tensor(output, name, n_images))

    handles = [network.get_submodule(name).register_forward_hook(hook(name)) for name in names]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _tensor(output: Any, name: str, n_images: int) -> torch.Tensor:
    """Return a block's output; of several, such as those of branches, the first with all images."""
    several = output if isinstance(output, tuple | list) else [output]
    tensors = [one for one in several if isinstance(one, torch.Tensor)]
    if not tensors:
        got = type(output).__name__
        raise InputError("block does not give a tensor", where=name, got=got)
    fitting = [one for one in tensors if one.ndim > 1 and len(one) == n_images]
    if not fitting:
        raise ConcordError(
            "output that is not one per image",
            where=name,
            expected=f"{n_images} images first",
            got=tuple(tensors[0].shape),
            do="Use another model.",
        )
    return fitting[0]


def timm_forward(network: Any) -> Forward:
    """Run a network of timm up to its last block, and take every block's output."""
    names = block_names(network)
    run = getattr(network, "forward_features", network)

    def forward(pixels: torch.Tensor, take: Take) -> None:
        with _hooks(network, names, len(pixels), take):
            run(pixels)

    return forward


def hidden_forward(network: Any) -> Forward:
    """Run a network of transformers and take the embedding output and every block's."""

    def forward(pixels: torch.Tensor, take: Take) -> None:
        output = network(pixel_values=pixels, output_hidden_states=True)
        if not output.hidden_states:
            raise InputError(
                "model does not return its layers",
                where=type(network).__name__,
                expected="hidden states",
                got="none",
                do="Use another model, such as timm's of the same name.",
            )
        for depth, states in enumerate(output.hidden_states):
            take(f"layer_{depth:02d}", _tensor(states, f"layer_{depth:02d}", len(pixels)))

    return forward


def run_images(
    pictures: ImageBatches,
    forward: Forward,
    reduction: Reduction,
    rows: Ints,
    *,
    device: torch.device,
    batch: int,
    where: str,
) -> Layers:
    """Show images to a network.

    Parameters
    ----------
    pictures : ImageBatches
    forward : callable
        Of `timm_forward` or `hidden_forward`.
    reduction : Reduction
    rows : ndarray of int, shape (n_images,)
    device : torch.device
    batch : int
        Images at once.
    where : str
        The model, for messages.

    Returns
    -------
    Layers

    Raises
    ------
    ConcordError
        If an image cannot be read, a batch does not fit into memory, the model breaks, or a
        value is not finite.
    """
    for pixels in pictures.batches(rows, batch):
        with model_code(where, SMALLER), torch.inference_mode():
            # Convolutions are several times faster with the channels of a pixel together.
            forward(pixels.to(device, memory_format=torch.channels_last), reduction.take)
    return reduction.give()
