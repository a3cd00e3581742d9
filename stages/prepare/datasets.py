"""Which loader reads which dataset."""

from pathlib import Path

from stages.core.params.schema import Prepare
from stages.core.recording.types import Recording
from stages.core.run.fetch import fetch
from stages.prepare.alice.load import load_alice
from stages.prepare.naturalstories import load_naturalstories
from stages.prepare.wehbe.load import load_wehbe


def load_dataset(dataset: str, raw: Path, params: Prepare) -> Recording:
    """Load a dataset of params.yaml from its folder of raw files."""
    match dataset:
        case "alice":
            return load_alice(fetch(raw), params)
        case "naturalstories":
            return load_naturalstories(fetch(raw), params)
        case _:
            return load_wehbe(raw, dataset, params)
