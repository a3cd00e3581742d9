"""Names that would be markup where they are shown, and recordings of nothing, are refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.checks import check_recording
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError

ODD = "</script><script>alert(1)</script>"
STIMULI = pd.DataFrame(
    {"id": ["a", "b"], "text": ["<i>", "x"], "run": "1", "onset": 0.0, "duration": 1.0}
).assign(sample=["a", "b"])
TARGETS = pd.DataFrame({"id": ["v"], "region": ["V1"], "hemisphere": "L"})
SUBJECT = Subject("s", np.zeros((2, 1), np.float32), TARGETS.assign(i=0, j=0, k=0, ceiling=np.nan))
WORDS = pd.DataFrame({"id": ["a", "b"], "A/b": [0.0, 1.0]})
SAMPLES = STIMULI[["id", "run", "onset"]]
WHOLE = Recording("toy", "events", None, None, STIMULI, SAMPLES, [SUBJECT], WORDS, WORDS)


def in_targets(name, value):
    return replace(SUBJECT, targets=SUBJECT.targets.assign(**{name: value}))


@pytest.mark.parametrize("value", [ODD, "a\nb", "a\x1b[31m", "<"])
@pytest.mark.parametrize("place", ["dataset", "subject", "id", "region", "features", "nuisance"])
def test_markup_and_control_characters(place, value):
    check_recording(WHOLE, "here")  # a text may have any sign: it is what was shown
    changes = {
        "dataset": {"dataset": value},
        "subject": {"subjects": [replace(SUBJECT, name=value)]},
        "id": {"subjects": [in_targets("id", value)]},
        "region": {"subjects": [in_targets("region", value)]},
        "features": {"features": WORDS.rename(columns={"A/b": value})},
        "nuisance": {"nuisance": WORDS.rename(columns={"A/b": value})},
    }
    with pytest.raises(InputError, match="unfit as a name in .*neither < nor >") as error:
        check_recording(replace(WHOLE, **changes[place]), "here")
    assert str(error.value).isprintable() or place == "subject"


def test_a_recording_of_nothing():
    nothing = replace(WHOLE, stimuli=STIMULI[:0], features=None, nuisance=None)
    with pytest.raises(InputError, match="no stimulus in here"):
        check_recording(nothing, "here")
