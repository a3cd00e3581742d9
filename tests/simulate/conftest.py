"""The story of the default seed, told once."""

import numpy as np
import pytest

from stages.simulate.story.story import Token, tell_story
from stages.simulate.story.story_features import StoryFeatures, make_features
from stages.simulate.story.timetable import RUNS


@pytest.fixture(scope="session")
def tokens() -> list[Token]:
    return tell_story([run.n_words for run in RUNS], 30, np.random.default_rng(2014))


@pytest.fixture(scope="session")
def features(tokens: list[Token]) -> StoryFeatures:
    return make_features(tokens, np.random.default_rng(2014))
