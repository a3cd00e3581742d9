"""Checkpoints that timm's training script writes: `checkpoint-3.pth.tar`, read as data.

One holds the weights as trained (`state_dict`), their moving average (`state_dict_ema`), the state
of the optimiser and the script's arguments.
"""

import re
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from stages.core.nets.weight_files import read_pickle
from stages.core.run.errors import InputError

# Which weights, by what follows `#` in a model string, and where they lie in a checkpoint.
PARTS = {"raw": "state_dict", "ema": "state_dict_ema"}
# Put before names of weights where the network was wrapped for several processes or compiled.
WRAPPERS = ("module.", "_orig_mod.")
# Arguments that change how images are shown when a network is evaluated.
SHOWN = ("input_size", "mean", "std", "interpolation", "crop_pct")


@dataclass(frozen=True)
class TrainingCheckpoint:
    """What is read of a training checkpoint.

    Attributes
    ----------
    architecture : str
        As timm knows it.
    settings : dict
        Of `timm.create_model`.
    shown : dict
        How images are shown to it, where that is not what timm says of the architecture.
    state : dict of str to Tensor
    """

    architecture: str
    settings: dict[str, Any]
    shown: dict[str, Any]
    state: dict[str, torch.Tensor]


def find_checkpoint(name: str) -> tuple[Path, str] | None:
    """Find the file that `PATH`, `PATH#raw` or `PATH#ema` names, and which weights of it; or None.

    Without `#` it is the weights as trained.
    """
    path, _, part = name.rpartition("#")
    if part not in PARTS:
        path, part = name, "raw"
    file = Path(path).expanduser()
    return (file, part) if file.is_file() and not Path(name).expanduser().is_dir() else None


def read_checkpoint(file: Path, part: str) -> TrainingCheckpoint:
    """Read a checkpoint of timm's training script, one set of weights of it.

    The script's arguments come as an `argparse.Namespace`, which is therefore allowed: when made it
    only keeps what it is given, as attributes, and no code of it runs.

    Parameters
    ----------
    file : Path
    part : str
        `raw` or `ema`.

    Raises
    ------
    InputError
        If it is no such checkpoint, lacks these weights, or holds anything that could run.
    """
    content = read_pickle(file, also=(Namespace,))
    state = content.get(PARTS[part]) if isinstance(content, Mapping) else None
    if not (isinstance(state, Mapping) and state):
        found = sorted(map(str, content)) if isinstance(content, Mapping) else [type(content)]
        raise _wrong(file, f"weights under {PARTS[part]}", ", ".join(map(str, found[:8])))
    for name, value in state.items():
        if not isinstance(value, torch.Tensor):
            raise _wrong(file, "tensors", f"{name}: {type(value).__name__}")
    arguments = content.get("args")
    settings = vars(arguments) if isinstance(arguments, Namespace) else {}
    architecture = content.get("arch") or settings.get("model")
    # A name with a scheme would have timm look elsewhere for the network.
    if not (isinstance(architecture, str) and re.fullmatch(r"[\w.-]+", architecture)):
        raise _wrong(file, "an architecture under arch", repr(architecture))
    return TrainingCheckpoint(
        architecture,
        *_settings(file, settings),
        {_unwrapped(str(name)): value for name, value in state.items()},
    )


def _settings(file: Path, arguments: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, Any]]:
    """From the arguments of the training script to those of `timm.create_model`, and to images."""
    if arguments.get("model_kwargs"):
        do = "Save the model with timm's save_for_hf, and name the result file:FOLDER."
        got = sorted(arguments["model_kwargs"])
        raise InputError("network with settings of its own", where=file, got=got, do=do)
    numbers = {name: arguments.get(name) for name in ("num_classes", "in_chans", "img_size")}
    settings = {name: value for name, value in numbers.items() if isinstance(value, int)}
    size, channels = settings.pop("img_size", None), settings.get("in_chans", 3)
    shown: dict[str, Any] = {} if size is None else {"input_size": (channels, size, size)}
    for name in SHOWN:
        value = arguments.get(name)
        if value is not None:
            shown[name] = tuple(value) if isinstance(value, list) else value
    return settings, shown


def _unwrapped(name: str) -> str:
    while name.startswith(WRAPPERS):
        name = name.split(".", 1)[1]
    return name


def _wrong(file: Path, expected: str, got: str) -> InputError:
    return InputError(
        "no training checkpoint of timm",
        where=file,
        expected=expected,
        got=got,
        do="Name a folder with a model, or a .pth.tar of timm's training script, after file:.",
    )
