"""The simulated study from its seed: a story, what drives whom, the people, and the truth."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.params.schema import SimulateStory
from stages.core.run.files import write_json
from stages.simulate.mat_files import write_mat
from stages.simulate.planted_model import MODEL, Layer, last_token_states
from stages.simulate.story.atlas import REGIONS, TINY, Family, Region
from stages.simulate.story.brain import TINY_VOXELS, make_anatomy, measure
from stages.simulate.story.contexts import passages
from stages.simulate.story.drivers import (
    hear_words,
    layer_directions,
    region_courses,
    response_weights,
)
from stages.simulate.story.release import feature_variables, subject_variables
from stages.simulate.story.story import tell_story
from stages.simulate.story.story_features import StoryFeatures, make_features
from stages.simulate.story.timetable import RUNS, word_times

Array = NDArray[np.float64]

N_ITALICS = 30
# The subject, from 1, with a tiny region and with a wrong count of voxels in `meta`.
ODD_SUBJECT = 2


def write_study(out: Path, settings: SimulateStory) -> None:
    """Write subject_1.mat and so on, story_features.mat, and what is true of them in truth.json."""
    texts, features = make_story(settings.seed)
    shown = passages(texts, word_times()["run"].to_numpy(), settings.context)
    courses = region_drivers(last_token_states(shown), features, settings.seed)
    write_mat(out / "story_features.mat", feature_variables(features.blocks))
    for name, variables in make_subjects(texts, courses, settings):
        write_mat(out / f"{name}.mat", variables)
    write_json(out / "truth.json", make_truth(settings, features))


def make_story(seed: int) -> tuple[list[str], StoryFeatures]:
    """Tell the story: its words as shown, and their features."""
    told, annotated = np.random.default_rng([seed, 0]).spawn(2)
    tokens = tell_story([run.n_words for run in RUNS], N_ITALICS, told)
    return [token.text for token in tokens], make_features(tokens, annotated)


def region_drivers(
    states: NDArray[np.floating], features: StoryFeatures, seed: int
) -> dict[str, Array | None]:
    """Make what drives each region, by name.

    Parameters
    ----------
    states : ndarray, shape (n_layers, n_words, n_units)
    features : StoryFeatures
    seed : int
    """
    weights = response_weights()
    heard = [hear_words(layer, weights) for layer in states]
    directions = layer_directions(heard)
    rngs = np.random.default_rng([seed, 1]).spawn(len(REGIONS))
    return {
        region.name: region_courses(
            region.driver, directions, heard, features=features, weights=weights, rng=rng
        )
        for region, rng in zip(REGIONS, rngs, strict=True)
    }


def make_subjects(
    texts: Sequence[str], courses: Mapping[str, Array | None], settings: SimulateStory
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each subject's name and the variables of its file."""
    rngs = np.random.default_rng([settings.seed, 2]).spawn(settings.subjects)
    for number, rng in enumerate(rngs, start=1):
        regions, sizes = list(REGIONS), list(rng.integers(60, 121, len(REGIONS)))
        if number == ODD_SUBJECT:
            regions, sizes = [TINY, *regions], [TINY_VOXELS, *sizes]
        anatomy = make_anatomy(regions, sizes, rng)
        data = measure(anatomy, courses, settings.signal, settings.autocorrelation, rng)
        claimed = data.shape[1] + (number == ODD_SUBJECT)
        yield f"subject_{number}", subject_variables(number, data, anatomy, texts, claimed)


def make_truth(settings: SimulateStory, features: StoryFeatures) -> dict[str, Any]:
    """Say what was planted where."""
    return {
        "seed": settings.seed,
        "context": settings.context,
        "model": MODEL,
        "regions": {region.name: _driver(region, features) for region in REGIONS},
        "features": {"planted": features.planted, "absent": features.absent},
    }


def _driver(region: Region, features: StoryFeatures) -> dict[str, Any]:
    match region.driver:
        case Layer():
            return {"driver": "layer", "layer": region.driver.name}
        case Family(kind):
            named = features.planted_of(kind)
            return {"driver": "features", "family": kind, "features": named}
        case None:
            return {"driver": "nothing"}
