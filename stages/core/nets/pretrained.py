"""Networks of transformers with the weights of a folder."""

from pathlib import Path
from typing import Any

from stages.core.nets.counting import UNREAD
from stages.core.nets.weight_files import check_pickles, weight_files
from stages.core.run.errors import InputError


def read_pretrained(maker: Any, folder: Path, **settings: Any) -> Any:
    """Make a network with all the weights of a folder; of pickles only tensors are read.

    Parameters
    ----------
    maker : type
        One of the Auto classes of transformers.
    folder : Path
    **settings
        Of `from_pretrained`, such as `config` and `dtype`.

    Raises
    ------
    InputError
        If weights are missing, or a pickle holds more than tensors.
    """
    files = weight_files(folder)
    check_pickles(files)
    network, found = maker.from_pretrained(
        folder,
        use_safetensors=files[0].suffix == ".safetensors",
        weights_only=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
        **settings,
    )
    missing = sorted(name for name in found["missing_keys"] if UNREAD not in name)
    if missing:
        raise InputError("weights missing", where=folder, expected=missing[0], got="nothing")
    return network
