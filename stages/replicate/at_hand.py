"""Public files that are at hand or can be fetched, or the first of them that is neither."""

from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.fetch import cached, fetch, read_sources
from stages.core.run.settings import read_settings


def at_hand(folder: Path, further: str = "") -> tuple[dict[str, Path], str]:
    """Find or download the files that `sources.json` in a folder lists.

    Parameters
    ----------
    folder : Path
    further : str
        Name in a mirror folder of a file that has no public source; it is there or it is not, in
        the mirror or, under its last name, in the folder.

    Returns
    -------
    files : dict of str to Path
        As `fetch`; empty if one can be had neither from the mirror nor from the network.
    missing : str
        That one; else empty.

    Raises
    ------
    InputError
        If a file has the wrong checksum, or `sources.json` is wrong: never taken for missing.
    """
    sources, mirror = read_sources(folder / "sources.json"), read_settings().data_mirror
    if mirror is not None:
        absent = [source.name for source in sources.files if not (mirror / source.name).is_file()]
        if absent:
            return {}, absent[0]
    try:
        files = fetch(folder)
    except InputError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        lacking = (one for one in sources.files if not cached(sources, one).is_file())
        return {}, next(lacking, sources.files[0]).name
    own = [folder / Path(further).name, *([mirror / further] if mirror else [])]
    there = [path for path in own if further and path.is_file()]
    return files | ({further: there[0]} if there else {}), ""
