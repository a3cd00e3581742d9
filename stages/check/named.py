"""One file per short name, by which a stage depends on one model and on no other."""

from collections.abc import Mapping
from pathlib import Path

from stages.core.names.models import parse_model
from stages.core.run.files import atomic


def write_named(models: Mapping[str, str], folder: Path) -> None:
    """Write the model string of each short name into a file of that name, and remove others.

    A parameter of DVC cannot tell `models.gpt2.5` from the key `5` in a section `gpt2`; a file
    can be called anything. The same model by another spelling is the same file.

    Parameters
    ----------
    models : mapping of str to str
        Model strings by short name.
    folder : Path

    Raises
    ------
    ConcordError
        If the disk is full, or nothing may be written there.
    """
    for name in models:
        with atomic(folder / name) as partial:
            partial.write_text(parse_model(name, models).string + "\n")
    for path in folder.iterdir():
        if path.name not in models:
            path.unlink()
