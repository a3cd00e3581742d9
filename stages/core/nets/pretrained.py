"""Networks of transformers with the weights of a folder, all of them and no others."""

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stages.core.nets.counting import UNREAD
from stages.core.nets.weight_files import AGAIN, check_pickles, weight_files
from stages.core.run.errors import InputError

# Types of safetensors without a fraction, and the bytes that its header has at most.
WHOLE = ("I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "BOOL")
LARGEST = 10**8
# What transformers calls its table of weights that it did not take, or not find.
REPORT = "LOAD REPORT"
_NUMBER = re.compile(r"(?<=\.)(\d+)(?=\.)")


def read_pretrained(
    maker: Any,
    folder: Path,
    *,
    part: Callable[[Any], Any] = lambda network: network,
    **settings: Any,
) -> Any:
    """Make a network with all the weights of a folder; of pickles only tensors are read.

    Parameters
    ----------
    maker : type
        One of the Auto classes of transformers.
    folder : Path
    part : callable
        From the network to what will be run of it; the weights of the rest may be missing.
    **settings
        Of `from_pretrained`, such as `config` and `dtype`.

    Raises
    ------
    InputError
        If weights are missing, are of other shapes or of blocks that the network has not, or are
        not numbers with a fraction; or if a pickle holds more than tensors.
    """
    files = weight_files(folder)
    check_pickles(files)
    check_numbers(files)
    with _silent_report():
        network, found = maker.from_pretrained(
            folder,
            use_safetensors=files[0].suffix == ".safetensors",
            weights_only=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            **settings,
        )
    missing = sorted(set(found["missing_keys"]) - _not_run(network, part(network)))
    if missing:
        raise InputError("weights missing", where=folder, expected=missing[0], got="nothing")
    _check_fit(found, network, folder)
    return network


@contextmanager
def _silent_report() -> Iterator[None]:
    """Keep transformers from reporting what `read_pretrained` looks at itself."""
    log = logging.getLogger("transformers.modeling_utils")
    log.addFilter(_is_news)
    try:
        yield
    finally:
        log.removeFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return REPORT not in record.getMessage()


def _check_fit(found: Mapping[str, Any], network: Any, folder: Path) -> None:
    """Raise `InputError` if weights are of other shapes or of blocks that a network has not."""
    do = "Correct the configuration, or fetch the model again."
    if found["mismatched_keys"]:
        name, own, wanted = min(found["mismatched_keys"])
        expected, got = f"{name}: {tuple(wanted)}", tuple(own)
        raise InputError(
            "weights of another shape", where=folder, expected=expected, got=got, do=do
        )
    surplus = surplus_blocks(found["unexpected_keys"], network.state_dict())
    if surplus:
        raise InputError(
            "weights of blocks that the configuration has not",
            where=folder,
            expected="as many blocks as weights",
            got=surplus[0],
            do=do,
        )


def _not_run(network: Any, part: Any) -> set[str]:
    """Name the weights of a network that its part does not share, and those of heads."""
    run = {id(weights) for weights in part.parameters()}
    named = network.named_parameters(remove_duplicate=False)
    unread = {name for name in network.state_dict() if UNREAD in name}
    return unread | {name for name, weights in named if id(weights) not in run}


def surplus_blocks(unexpected: Iterable[str], known: Iterable[str]) -> list[str]:
    """Find weights of a numbered block beyond those of a network, such as `layer.12` of 12.

    Heads and buffers of older versions, which files may hold as well, are none.

    Parameters
    ----------
    unexpected : iterable of str
        Names of weights that the network does not take, perhaps after a prefix.
    known : iterable of str
        Names of the network's own.
    """
    series: dict[str, set[int]] = {}
    for name in known:
        for place in _NUMBER.finditer(name):
            series.setdefault(name[: place.start()], set()).add(int(place[1]))
    found = []
    for name in unexpected:
        for place in _NUMBER.finditer(name):
            before, number = name[: place.start()], int(place[1])
            own = next((series[one] for one in _endings(before) if one in series), None)
            if own and number > max(own):
                found.append(name)
                break
    return sorted(found)


def _endings(name: str) -> Iterator[str]:
    """Yield a dotted name, then what is left of it without its first words."""
    words = name.split(".")
    yield from (".".join(words[k:]) for k in range(len(words)))


def check_numbers(files: Sequence[Path]) -> None:
    """Raise `InputError` if weights are whole numbers, as those of quantised networks are.

    Their scales lie beside them, and without those the numbers mean nothing. Vectors of whole
    numbers are counts and positions.
    """
    for file in files:
        if file.suffix != ".safetensors":
            continue
        for name, entry in _header(file).items():
            dtype, shape = entry.get("dtype", ""), entry.get("shape", [])
            if name.endswith("weight") and len(shape) > 1 and dtype in WHOLE:
                raise InputError(
                    "quantised weights",
                    where=f"{file}, {name}",
                    expected="numbers with a fraction",
                    got=dtype,
                    do="Use the model as it was before it was quantised.",
                )


def _header(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
            content = json.loads(stream.read(min(size, LARGEST)))
        return {name: entry for name, entry in content.items() if name != "__metadata__"}
    except (ValueError, AttributeError, RecursionError) as error:
        raise InputError("unreadable model", where=file, got=error, do=AGAIN) from error
