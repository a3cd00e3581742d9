"""Which loader reads which dataset, and which are fetched."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from stages.core.params.bids_section import Bids
from stages.core.params.schema import PrepareStory, Scene
from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.prepare.alice.load import load_alice
from stages.prepare.assemblies.blank import load_blank
from stages.prepare.assemblies.fedorenko import load_fedorenko
from stages.prepare.assemblies.futrell import load_futrell
from stages.prepare.assemblies.pereira import load_pereira
from stages.prepare.bids.bids_recording import load_bids
from stages.prepare.bids.bids_scenes import load_bids_images
from stages.prepare.cowley import load_v4
from stages.prepare.kriegeskorte import load_kriegeskorte
from stages.prepare.naturalstories import load_naturalstories
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.scenes import Scenes
from stages.prepare.sherlock.film_recording import load_sherlock
from stages.prepare.sherlock.film_scenes import load_film_scenes
from stages.prepare.tables.lab_scenes import load_table_images
from stages.prepare.tables.lab_words import load_table
from stages.prepare.ucl_words import load_ucl
from stages.prepare.wehbe.load import load_wehbe

FetchedImages = Callable[[Mapping[str, Path], Literal["all"] | list[str]], Scenes]


def _selection(scene: Scene) -> Selection:
    return Selection(scene.subjects, scene.sessions, scene.regions, scene.atlas)


def _load_images(raw: Path, scene: Scene, load: FetchedImages) -> Scenes:
    """Load images of a public repository.

    Raises
    ------
    InputError
        If regions were chosen, of which there are none to choose.
    """
    if scene.regions != "all":
        raise InputError(
            "no such choice",
            where=f"params.yaml: scene.regions, dataset {scene.dataset}",
            expected="all",
            got=scene.regions,
        )
    return load(fetch(raw), scene.subjects)


# By the name of `story.dataset`, from the folder of raw files.
STORIES: dict[str, Callable[[Path, PrepareStory, Bids], Recording]] = {
    "simulated": lambda raw, settings, _: load_wehbe(raw, "simulated", settings),
    "wehbe": lambda raw, settings, _: load_wehbe(raw, "wehbe", settings),
    "alice": lambda raw, settings, _: load_alice(fetch(raw), settings),
    "naturalstories": lambda raw, settings, _: load_naturalstories(fetch(raw), settings),
    "sherlock2017": lambda raw, settings, _: load_sherlock(fetch(raw), settings),
    "ucl2013": lambda raw, settings, _: load_ucl(fetch(raw), settings),
    "bids": load_bids,
    "table": lambda raw, settings, _: load_table(raw, settings),
}
# By their names in `language.recordings`, where those of stories may stand too.
ASSEMBLIES: dict[str, Callable[[Path, str], Recording]] = {
    "pereira2018-simulated": load_pereira,
    "futrell2018-simulated": load_futrell,
    "pereira2018-243": load_pereira,
    "pereira2018-384": load_pereira,
    "fedorenko2016": load_fedorenko,
    "blank2014": load_blank,
    "futrell2018": load_futrell,
    "sherlock2017-scenes": lambda raw, name: load_film_scenes(fetch(raw), name),
}
# By the name of `scene.dataset`.
SCENES: dict[str, Callable[[Path, Scene, Bids], Scenes]] = {
    "nsd-simulated": lambda raw, scene, _: load_nsd(raw, "nsd-simulated", _selection(scene)),
    "nsd": lambda raw, scene, _: load_nsd(raw, "nsd", _selection(scene)),
    "kriegeskorte2008": lambda raw, scene, _: _load_images(raw, scene, load_kriegeskorte),
    "v4_cowley2023": lambda raw, scene, _: _load_images(raw, scene, load_v4),
    "bids": load_bids_images,
    "table": lambda raw, scene, _: load_table_images(raw, scene),
}


def load_language(raw: Path, name: str, prepare: PrepareStory, bids: Bids) -> Recording:
    """Load a recording of `language.recordings`: an assembly, or a story with all its people."""
    if name in ASSEMBLIES:
        return ASSEMBLIES[name](raw, name)
    everyone = prepare.model_copy(update={"subjects": "all", "smoothing": 0.0})
    return STORIES[name](raw, everyone, bids)
