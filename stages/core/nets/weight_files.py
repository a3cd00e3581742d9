"""Files of weights, opened as data: safetensors, or pickles of nothing but tensors.

A pickle can call any function of the process that opens it. `torch.load(weights_only=True)` has an
interpreter of its own instead, which rebuilds tensors and plain containers and stops at the first
other name. Every pickle is opened in here first, and by nothing else.
"""

import contextlib
import hashlib
import io
import pickle
import pickletools
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from stages.core.run.errors import InputError
from stages.core.run.files import read_json, require_file, sha256

SAFE = "*.safetensors"
PICKLED = "pytorch_model*.bin"
SAFE_INDEX = "model.safetensors.index.json"
INDEX = "pytorch_model.bin.index.json"
# Other names of pickles, for the message only.
PICKLES = ("*.bin", "*.pt", "*.pth", "*.pth.tar", "*.ckpt", "*.pkl")
AGAIN = "Fetch the model again."
# Names that pickles of tensors hold.
USUAL = ("torch.", "collections.OrderedDict")


def weight_files(folder: Path) -> list[Path]:
    """List the files with the weights of a folder: safetensors where there are any.

    Raises
    ------
    InputError
        If there are none under the usual names, one is no file, an index names files elsewhere, or
        two of its files hold one tensor.
    """
    files = sorted(folder.glob(SAFE)) or _pickled_files(folder)
    if (folder / SAFE_INDEX).is_file() and not (folder / "model.safetensors").is_file():
        _check_alone(_shards(folder / SAFE_INDEX, SAFE))
    if not files:
        others = sorted({file.name for pattern in PICKLES for file in folder.glob(pattern)})
        raise InputError(
            "no weights that are safe to open",
            where=folder,
            expected=f"safetensors, or {PICKLED} with nothing but tensors",
            got=", ".join(others) or "none",
            do="Convert them where you trust them, with save_pretrained, "
            "and name the result file:FOLDER.",
        )
    return [require_file(file, AGAIN) for file in files]


def _pickled_files(folder: Path) -> list[Path]:
    """One file, or the shards that the index names, all of them in the folder."""
    whole = folder / "pytorch_model.bin"
    if whole.is_file() or not (folder / INDEX).is_file():
        return [whole] if whole.is_file() else []
    return _shards(folder / INDEX, PICKLED)


def _shards(index: Path, pattern: str) -> list[Path]:
    """Find the files that an index names, which lie beside it."""
    shards = read_json(index, AGAIN).get("weight_map")
    names = list(shards.values()) if isinstance(shards, dict) else []
    foreign = sorted(str(name) for name in names if not _plain(name, pattern))
    if foreign or not names:
        got = foreign[0] if foreign else "no shard"
        raise InputError("wrong index of weights", where=index, expected=pattern, got=got)
    return [index.parent / name for name in sorted(set(names))]


def _plain(name: object, pattern: str) -> bool:
    return isinstance(name, str) and Path(name).name == name and Path(name).match(pattern)


def _check_alone(files: list[Path]) -> None:
    """Raise `InputError` if two files hold one tensor: either might be read."""
    holder: dict[str, Path] = {}
    for file in files:
        try:
            with safe_open(require_file(file, AGAIN), "pt") as shard:
                names = list(shard.keys())
        except (SafetensorError, OSError) as error:
            raise InputError("unreadable weights", where=file, got=error, do=AGAIN) from error
        for name in names:
            if name in holder:
                got = f"in {holder[name].name}, too"
                raise InputError(f"weights twice, {name}", where=file, got=got, do=AGAIN)
            holder[name] = file


def read_state(files: list[Path]) -> dict[str, torch.Tensor]:
    """Read the tensors of files on the CPU, by name; those of zipped pickles are mapped.

    Raises
    ------
    InputError
        If a file is unreadable, or a pickle holds anything but tensors.
    """
    state: dict[str, torch.Tensor] = {}
    for file in files:
        state |= _read_safe(file) if file.suffix == ".safetensors" else _tensors(file)
    return state


def _read_safe(file: Path) -> dict[str, torch.Tensor]:
    try:
        return dict(load_file(file))
    except (SafetensorError, OSError) as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable weights", where=file, got=got, do=AGAIN) from error


def check_pickles(files: list[Path]) -> None:
    """Raise `InputError` if a file is a pickle that holds anything but tensors."""
    for file in files:
        if file.suffix != ".safetensors":
            _tensors(file)


def _tensors(file: Path) -> dict[str, torch.Tensor]:
    content = read_pickle(file)
    if not isinstance(content, Mapping):
        raise _not_tensors(file, type(content).__name__)
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise _not_tensors(file, f"{name}: {type(value).__name__}")
    return dict(content)


def read_pickle(file: Path, also: tuple[type, ...] = ()) -> Any:
    """Open what `torch.save` wrote as data: tensors and plain containers, never code.

    Parameters
    ----------
    file : Path
    also : tuple of type
        Classes to allow; each must do no more when it is made than keep what it is given.

    Raises
    ------
    InputError
        If there is anything else in it, naming that, or it is no such file.
    """
    require_file(file, AGAIN)
    try:
        with torch.serialization.safe_globals(list(also)), warnings.catch_warnings():
            # Of pickles in another protocol than its own torch warns before it refuses them.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(
                file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file)
            )
    except pickle.UnpicklingError as error:
        raise _not_tensors(file, _foreign_names(file, also)) from error
    except Exception as error:  # bytes that are no pickle can fail in any way
        got = str(error).partition("\n")[0] if isinstance(error, RuntimeError) else repr(error)
        raise InputError("unreadable weights", where=file, got=got, do=AGAIN) from error


def _not_tensors(file: Path, got: str) -> InputError:
    return InputError(
        "pickle of more than tensors, not opened",
        where=file,
        expected="tensors by name",
        got=got,
        do="Use safetensors, or convert it where you trust it.",
    )


def _foreign_names(file: Path, also: tuple[type, ...]) -> str:
    """Name the first things that a pickle would import, running none of it."""
    known = (*USUAL, *(f"{one.__module__}.{one.__qualname__}" for one in also))
    words, foreign = [""], []
    with contextlib.suppress(Exception), _pickle_of(file) as stream:
        while True:  # what torch saved before it zipped is several pickles, one after the other
            for operation, value, _ in pickletools.genops(stream):
                if operation.name in ("GLOBAL", "INST"):
                    words = str(value).split(" ", 1)
                elif isinstance(value, str):
                    words = [*words[-1:], value]
                if operation.name in ("GLOBAL", "INST", "STACK_GLOBAL"):
                    name = ".".join(words)
                    if not name.startswith(known):
                        foreign.append(name)
    return ", ".join(list(dict.fromkeys(foreign))[:3]) or "no pickle of tensors"


def _pickle_of(file: Path) -> IO[bytes]:
    if not zipfile.is_zipfile(file):
        return file.open("rb")
    with zipfile.ZipFile(file) as archive:
        inside = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        return io.BytesIO(archive.read(inside))


def files_digest(digests: Mapping[str, str]) -> str:
    """Digest of a set of files, from theirs by name: of one file its own, as a hub gives it."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    listing = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(listing.encode()).hexdigest()


def weights_digest(folder: Path) -> str:
    """Digest of the files of weights in a folder; see `weight_files` and `files_digest`."""
    return files_digest({file.name: sha256(file) for file in weight_files(folder)})


def state_digest(state: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of the names, types, shapes and values of tensors, whatever file they come from."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
