"""Which loader reads which dataset of images."""

from pathlib import Path

from stages.core.params.schema import Scene
from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.prepare.kriegeskorte import load_kriegeskorte
from stages.prepare.nsd.load import Selection, load_nsd


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
