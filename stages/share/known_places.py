"""What recordings do not say of themselves: where they were obtained."""

from pathlib import Path
from typing import Any

from stages.core.run.files import lies_there, read_json

_PUBLISHED = {
    "wehbe": "https://doi.org/10.5061/dryad.gt413",
    "nsd": "https://naturalscenesdataset.org",
}


def is_simulated(raw: Path) -> bool:
    """Whether nobody was measured: raw data that are simulated have their truth beside them."""
    return lies_there(raw / "truth.json")


def sources_of(dataset: str, raw: Path) -> list[dict[str, Any]]:
    """List where a recording was obtained, as `SourceDatasets`; nothing where it is not known.

    Parameters
    ----------
    dataset : str
    raw : Path
        Folder of the raw data, with `sources.json` if they are public.
    """
    listed = raw / "sources.json"
    if lies_there(listed):
        about = read_json(listed, "Restore it from Git.")
        repository, revision = about.get("repository"), about.get("revision")
        if repository and revision:
            url = f"https://github.com/{repository}/tree/{revision}"
            return [{"URL": url, "Version": str(revision)}]
    return [{"URL": _PUBLISHED[dataset]}] if dataset in _PUBLISHED else []
