"""The simulated readers from their seed: sentences, what drives whom, the people, and the truth."""

from pathlib import Path
from typing import Any

import numpy as np

from stages.core.params.schema import SimulateLanguage
from stages.core.run.files import write_json
from stages.simulate.language.assembly_writer import write_assembly
from stages.simulate.language.expectation import bigram_surprisal
from stages.simulate.language.layer_signal import own_signal
from stages.simulate.language.readers import (
    VOXELS,
    Network,
    bound,
    measure_network,
    reading_times,
)
from stages.simulate.language.sentences import Passage, write_passages, write_stories
from stages.simulate.planted_model import MODEL, Layer, last_token_states
from stages.simulate.story.texts import tell_corpus

PLANTED = Layer(4)
STORIES = 4
CORPUS = 60_000  # words whose pairs make words expected


def write_sentences(out: Path, settings: SimulateLanguage) -> None:
    """Write sentences with the voxels of two networks, and what is true of them in truth.json.

    The language network follows what one layer of the planted model knows and its other layers do
    not; the auditory network follows nothing.
    """
    told, measured = np.random.default_rng([settings.seed, 3]).spawn(2)
    passages = write_passages(settings.passages, told)
    layers = last_token_states(_shown(passages))
    networks = [
        Network("language", own_signal(list(layers), PLANTED.number)),
        Network("auditory", None),
    ]
    n_sentences = layers.shape[1]
    people = [f"{number:03d}" for number in range(1, settings.subjects + 1)]
    columns = [
        (name, network.name, measure_network(network, n_sentences, settings.signal, measured))
        for name in people
        for network in networks
    ]
    write_assembly(
        out / "assy_Pereira2018_language.nc",
        np.hstack([values for _, _, values in columns]).round(3),
        _sentences(passages),
        _voxels([(name, network) for name, network, _ in columns]),
    )
    limit = bound(settings.signal)
    planted = {"driver": "layer", "layer": PLANTED.name, "ceiling": limit}
    write_json(
        out / "truth.json",
        _truth(settings) | {"regions": {"language": planted, "auditory": {"driver": "nothing"}}},
    )


def write_times(out: Path, settings: SimulateLanguage) -> None:
    """Write the reading times of stories, and what is true of them in truth.json."""
    told, measured = np.random.default_rng([settings.seed, 4]).spawn(2)
    stories = write_stories([settings.words // STORIES] * STORIES, told)
    words = [word for story in stories for word in story]
    surprisal = bigram_surprisal(tell_corpus(CORPUS, settings.seed).split(), stories)
    write_assembly(
        out / "assy_Futrell2018.nc",
        reading_times(words, surprisal, settings.readers, measured),
        _words(stories),
        {"subject_id": [f"R{number:03d}" for number in range(1, settings.readers + 1)]},
        "subject",
    )
    driver = {"driver": "letters and surprisal after the word before"}
    write_json(out / "truth.json", _truth(settings) | {"regions": {"reading_time": driver}})


def _shown(passages: list[Passage]) -> list[str]:
    """Each sentence after those before it in its passage."""
    return [
        " ".join(passage.sentences[: place + 1])
        for passage in passages
        for place in range(len(passage.sentences))
    ]


def _sentences(passages: list[Passage]) -> dict[str, Any]:
    """Coordinates of sentences, as the release has them."""
    rows = [
        (passage.topic, place, sentence)
        for place, passage in enumerate(passages, start=1)
        for sentence in passage.sentences
    ]
    topics, places, texts = zip(*rows, strict=True)
    return {
        "experiment": ["simulated"] * len(rows),
        "stimulus_num": np.arange(len(rows)),
        "stimulus": texts,
        "passage_index": places,
        "passage_category": topics,
    }


def _voxels(columns: list[tuple[str, str]]) -> dict[str, Any]:
    """Coordinates of voxels: those of a person are counted on over the networks."""
    subjects = [name for name, _ in columns for _ in range(VOXELS)]
    numbers = [number % (2 * VOXELS) for number in range(len(subjects))]
    return {
        "subject": subjects,
        "voxel_num": numbers,
        "atlas": [network for _, network in columns for _ in range(VOXELS)],
        "neuroid_id": [f"{a}.{b}" for a, b in zip(subjects, numbers, strict=True)],
    }


def _words(stories: list[list[str]]) -> dict[str, Any]:
    """Coordinates of words, as the release has them."""
    rows = [
        (number, place, word)
        for number, story in enumerate(stories, start=1)
        for place, word in enumerate(story, start=1)
    ]
    numbers, places, words = zip(*rows, strict=True)
    return {
        "story_id": numbers,
        "word_id": places,
        "word": words,
        "stimulus_id": np.arange(1, len(rows) + 1),
    }


def _truth(settings: SimulateLanguage) -> dict[str, Any]:
    return {"seed": settings.seed, "model": MODEL}
