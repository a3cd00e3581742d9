"""What was done, in the past tense and with citations, as the parameters have it."""

from collections.abc import Callable, Collection, Mapping

from stages.core.params.schema import Params
from stages.report.bibliography import in_text
from stages.report.images_text import areas, scene, voxels
from stages.report.told import Told, cross_validated
from stages.report.training_text import (
    SCENE_TRAINING,
    STORY_TRAINING,
    scene_training,
    story_training,
)
from stages.report.words_text import (
    BOUNDED,
    DECODED,
    ENCODED,
    PROBED,
    PROFILED,
    bounded,
    decoded,
    encoded,
    language,
    probed,
    profiled,
    story,
)

STORY, SCENE, LANGUAGE, LADDER = "story", "scene", "language", "ladder"
# Beside the study of scenes: voxels predicted, and areas compared.
VOXELS, AREAS = "voxels", "areas"
_TELLERS: Mapping[str, Callable[[Params, Collection[str]], Told]] = {
    **{STORY: story, ENCODED: encoded, PROBED: probed, DECODED: decoded},
    **{PROFILED: profiled, BOUNDED: bounded},
    **{SCENE: scene, VOXELS: voxels, AREAS: areas, LANGUAGE: language},
    **{STORY_TRAINING: story_training, SCENE_TRAINING: scene_training},
}


def methods(params: Params, done: Collection[str]) -> list[Told]:
    """Tell what was done.

    Parameters
    ----------
    params : Params
    done : collection of str
        Of `STORY` and its parts (`ENCODED`, `PROBED`, `DECODED`, `PROFILED`, `BOUNDED`), `SCENE`,
        `VOXELS`, `AREAS`, `LANGUAGE`, `STORY_TRAINING`, `SCENE_TRAINING` and `LADDER`.
    """
    told = [teller(params, done) for name, teller in _TELLERS.items() if name in done]
    return [*told, _tests(params, done)] if told else []


def cited(told: Collection[Told]) -> list[str]:
    """Name the keys of everything that is cited."""
    return sorted({key for one in told for key in one.cited})


def _tests(params: Params, done: Collection[str]) -> Told:
    keys = ["benjamini1995"]
    text = _orders(params) if {ENCODED, PROBED, DECODED, LANGUAGE, STORY_TRAINING} & {*done} else ""
    text += (
        f"q controls the false discovery rate {in_text('benjamini1995')} within the family that "
        "the tables name; what has q below .05 and a score above 0 counts as found."
    )
    if LADDER in done:
        keys.append("ince2021")
        text += (
            f" How many people a claim holds of was told by the prevalence {in_text('ince2021')}. "
            f"Of the ceiling, a share of {params.ladder.share:g} was asked for."
        )
    return Told(text, tuple(keys))


def _orders(params: Params) -> str:
    """Say what stood in place of the responses under the null."""
    chance = params.chance
    return (
        f"Predictions were cross-validated {cross_validated(params.folds)}. They were held against "
        f"those of {chance.draws} other orders of the responses (seed {chance.seed}), or of as "
        "many as there are: long runs were shifted in circles, each "
        "by itself, a single run forwards and backwards in time; runs of which one was too short "
        "for that were walked through as one stretch, to the end and back; and of runs left out in "
        "groups, whole ones took each other's place. The regularisation and the layer stayed those "
        "that the observed responses chose. "
    )
