"""A column that may be absent is not passed over for its spelling."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.label_tables import read_label_table
from stages.prepare.bids.bids_tables import numbers_if_there, read_sidecar
from stages.prepare.bids.word_events import read_word_events
from stages.prepare.optional_names import has_name

TABLE = pd.DataFrame({"onset": ["1", "2"], "duration": ["0.5", "n/a"], 3: ["x", "y"]})


def test_there_or_absent():
    assert has_name(TABLE.columns, "duration", "x")
    assert not has_name(TABLE.columns, "trial_type", "x")
    assert not has_name(TABLE.columns, "durations", "x")
    np.testing.assert_array_equal(numbers_if_there(TABLE, "duration", "x"), [0.5, np.nan])
    assert np.isnan(numbers_if_there(TABLE, "offset", "x")).all()


@pytest.mark.parametrize("name", ["Duration", "DURATION", " duration", "duration "])
def test_another_spelling_is_refused(name):
    table = TABLE.rename(columns={"duration": name})
    with pytest.raises(InputError, match=f"misspelt name in x: expected duration, got '{name}'"):
        has_name(table.columns, "duration", "x")
    assert has_name(table.assign(duration="1").columns, "duration", "x")


def test_events_and_labels_are_read_so(tmp_path):
    events, labels = tmp_path / "events.tsv", tmp_path / "labels.tsv"
    events.write_text("onset\tDuration\tword\n1.0\t0.3\tone\n")
    with pytest.raises(InputError, match="misspelt name in .*events.tsv: expected duration"):
        read_word_events(events, "word", {})
    labels.write_text("index\tname\tHemisphere\n1\tA\tL\n")
    with pytest.raises(InputError, match="misspelt name in .*labels.tsv: expected hemisphere"):
        read_label_table(labels)


@pytest.mark.parametrize("name", ["startTime", "starttime", "slicetimingcorrected", "volumeTiming"])
def test_times_of_volumes_are_read_so(tmp_path, name):
    (tmp_path / "bold.json").write_text(f'{{"RepetitionTime": 2.0, "{name}": 1.0}}')
    with pytest.raises(InputError, match=f"misspelt name in .*bold.json: .* got '{name}'"):
        read_sidecar(tmp_path / "bold.json")
    (tmp_path / "bold.json").write_text('{"RepetitionTime": 2.0, "StartTime": 1.0, "other": 1}')
    assert read_sidecar(tmp_path / "bold.json")["StartTime"] == 1.0
