"""Letters and their marks as one sign."""

import logging

import pandas as pd
import pytest

from stages.core.recording.types import Recording
from stages.prepare.composed import composed


def recording(*texts):
    stimuli = pd.DataFrame({"id": range(len(texts)), "text": texts})
    return Recording("some", "events", None, None, stimuli, stimuli, [], stimuli, {})


@pytest.mark.parametrize("number", [1, 8, 9])
def test_texts_are_composed_and_told(caplog, number):
    texts = ["caf\u00e9", *["e\u0301"] * number, "plain"]
    with caplog.at_level(logging.INFO, "concord"):
        found = composed(recording(*texts))
    assert found.stimuli["text"].tolist() == ["caf\u00e9", *["\u00e9"] * number, "plain"]
    assert found.stimuli["id"].tolist() == list(range(number + 2))
    listed = ", ".join(["e\u0301"] * min(number, 8)) + (", …" if number > 8 else "")
    assert caplog.messages == [
        f"some: {number} of {number + 2} texts had letters and their marks apart, "
        f"now composed: {listed}"
    ]


def test_texts_that_are_composed_are_left_as_they_are(caplog):
    given = recording("caf\u00e9", "a")
    with caplog.at_level(logging.INFO, "concord"):
        assert composed(given) is given
    assert not caplog.messages
