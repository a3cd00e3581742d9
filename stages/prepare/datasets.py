"""Which loader reads which dataset."""

from pathlib import Path

from stages.core.params.schema import PrepareStory, Scene
from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.prepare.alice.load import load_alice
from stages.prepare.kriegeskorte import load_kriegeskorte
from stages.prepare.naturalstories import load_naturalstories
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.wehbe.load import load_wehbe


def load_dataset(dataset: str, raw: Path, params: PrepareStory) -> Recording:
    """Load a dataset of params.yaml from its folder of raw files."""
    match dataset:
        case "alice":
            return load_alice(fetch(raw), params)
        case "naturalstories":
            return load_naturalstories(fetch(raw), params)
        case _:
            return load_wehbe(raw, dataset, params)


def load_scene(raw: Path, scene: Scene) -> Recording:
    """Load the dataset `scene.dataset` of params.yaml from its folder of raw files.

    Raises
    ------
    InputError
        If regions are chosen of a dataset that has none to choose, or its loader refuses it.
    """
    if scene.dataset != "kriegeskorte2008":
        selection = Selection(scene.subjects, scene.sessions, scene.regions)
        return load_nsd(raw, scene.dataset, selection)
    if scene.regions != "all":
        raise InputError(
            "no such choice",
            where=f"params.yaml: scene.regions, dataset {scene.dataset}",
            expected="all",
            got=scene.regions,
        )
    return load_kriegeskorte(fetch(raw), scene.subjects)
