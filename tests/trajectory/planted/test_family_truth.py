"""What was planted in a family, and how late it is measured."""

import json

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.trajectory.planted.family_truth import FamilyTruth, onset_delay, read_truth, told_of

HALVES = pd.DataFrame({"layer_01": [11.0, 10.5], "layer_00": [9.0, 8.5]})
TRUTH = FamilyTruth(HALVES, ["B", "A"], 1.5)


def onsets_of(late, **changed):
    """Onsets that come `late` octaves after what was planted, by seed and layer."""
    rows = [
        {
            "seed": seed, "layer": layer, "octave": HALVES.loc[seed, layer] + late[seed][layer],
            "share": 0.5, "side": "alignment", "region": "all", "subject": "group",
        }
        for seed in (0, 1)
        for layer in HALVES
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**changed)


def test_the_order_of_places():
    assert TRUTH.order("layer") == ["layer_00", "layer_01"]
    assert TRUTH.order("region") == ["B", "A"]
    assert TRUTH.order("network") == []


def test_the_delay_is_the_mean_over_layers_then_runs():
    late = [{"layer_00": 0.2, "layer_01": 0.6}, {"layer_00": 0.5, "layer_01": np.nan}]
    found = onset_delay(onsets_of(late), TRUTH)
    assert (found.value, found.n) == (pytest.approx((0.4 + 0.5) / 2), 2)
    assert found.low < found.value < found.high
    assert told_of(TRUTH, onsets_of(late)) == {
        "planted_lead": 1.5, "onset_delay": pytest.approx(0.45),
        "onset_delay_low": found.low, "onset_delay_high": found.high,
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"layer": "chosen"}, {"region": "A"}, {"share": 0.25}, {"side": "performance"},
        {"subject": "subject_1"}, {"layer": "layer_07"},
    ],
)  # fmt: skip
def test_other_rows_have_no_part_in_the_delay(changed):
    late = [dict.fromkeys(HALVES, 0.3)] * 2
    other = onsets_of([dict.fromkeys(HALVES, 9.0)] * 2, **changed)
    found = onset_delay(pd.concat([onsets_of(late), other], ignore_index=True), TRUTH)
    assert found.value == pytest.approx(0.3)
    assert np.isnan(onset_delay(other, TRUTH).value)


def test_what_is_not_told_is_missing(tmp_path):
    path = tmp_path / "mine" / "truth.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"halves": [{"layer_00": 3}]}))
    truth = read_truth(path)["mine"]
    assert truth.regions == []
    assert np.isnan(truth.lead)
    assert read_truth(None) == {}


@pytest.mark.parametrize(
    "content",
    [
        {}, {"halves": []}, {"halves": [{}]}, {"halves": [{"a": None}]}, {"halves": [[1.0, 2.0]]},
        {"halves": [{"a": "1"}]}, {"halves": [{"a": 1}, {"b": 1}]}, {"halves": {"a": [1]}},
        {"halves": [{"a": 1}], "lead": "soon"}, {"halves": [{"a": 1}], "lead": None},
        {"halves": [{"a": 1}], "regions": ["A", ["B"]]}, {"halves": [{"a": 1}], "regions": "A"},
    ],
)  # fmt: skip
def test_another_form_is_refused(tmp_path, content):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="wrong truth"):
        read_truth(path)
