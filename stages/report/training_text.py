"""What was done with the checkpoints of families, in the past tense."""

from collections.abc import Collection, Sequence

from stages.core.params.family_section import PLANTED
from stages.core.params.schema import Params
from stages.report.bibliography import in_text
from stages.report.told import Told

STORY_TRAINING, SCENE_TRAINING = "training of stories", "training of scenes"
_PUBLISHED = {
    "pythia": ("biderman2023", "zero-shot scores of Pythia"),
    "mixnet": ("tan2019", "accuracies of the MixNets"),
}


def story_training(params: Params, done: Collection[str]) -> Told:
    """Tell of the families that were shown the story, the planted one among them."""
    plant, asked = params.story.plant, params.trajectory
    models, keys = _families(params, params.story.families, "the story")
    text = (
        f"{models}Alignment was r beyond nuisance variables (r where there were none) of the layer "
        f"that the inner folds chose, and each checkpoint was held against {asked.shifts} other "
        f"orders of the responses. A family was {PLANTED}: the first components of the layers of "
        f"{params.model}, mixed with noise by a known course ({plant.seeds} seeds, the loss "
        f"later than the middle layer by {plant.lead:g} in octaves). By how much later than "
        "planted its layers were measured to be half there says by how much leads are too small. "
        f"{_rises(params)}"
    )
    return Told(text, keys)


def scene_training(params: Params, done: Collection[str]) -> Told:
    """Tell of the families that were shown images."""
    models, keys = _families(params, params.scene.families, "the images")
    text = (
        f"{models}Alignment was {params.trajectory.metric} of the layer that other images, seeds "
        "or people chose, or its own last checkpoints where there were no others. "
        f"{_rises(params)}"
    )
    return Told(text, keys)


def _families(params: Params, names: Sequence[str], what: str) -> tuple[str, tuple[str, ...]]:
    """Tell of the families of a study, and cite whose published scores stand beside them."""
    asked = {name: params.families[name] for name in names}
    trained = [name for name, one in asked.items() if not one.pattern.startswith("control:")]
    drawn = [name for name in asked if name not in trained]
    told, keys = "", []
    if trained:
        told = (
            f"Checkpoints of {', '.join(trained)} were shown {what}, each as a model of its own. "
        )
    if drawn:
        told += f"{', '.join(drawn)}: random projections of words or pixels, drawn at each step. "
    beside = [f"{name} beside {one.control}" for name, one in asked.items() if one.control]
    if beside:
        told += f"Rises were compared with those of controls: {', '.join(beside)}. "
    for name, one in asked.items():
        if one.published:
            key, scores = _PUBLISHED[one.published]
            told += f"Beside {name} stand the published {scores} {in_text(key)}. "
            keys.append(key)
    return told, tuple(dict.fromkeys(keys))


def _rises(params: Params) -> str:
    asked = params.trajectory
    shares = ", ".join(f"{one:g}" for one in asked.shares)
    return (
        f"When a curve had made {shares} of its rise, from the mean of its first {asked.base} "
        f"checkpoints to that of its last {asked.plateau}, was told by a monotone fit, in octaves "
        "of what a network had seen. Intervals are over runs; of a single run there are none, but "
        "for rises and leads, which have them over pieces of the stimuli, too."
    )
