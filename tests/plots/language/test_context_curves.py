"""Scores by how much is read, drawn in the order of words, all of them last."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.context_lengths import CONTEXTS
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.language.context_curves import context_files, in_order
from tests.plots.figures import clipped, overlaps


@pytest.fixture
def table():
    lengths = [20.0, 1.0, 0.0, 5.0]
    rows = pd.DataFrame({"context": lengths * 2, "region": ["language"] * 4 + ["auditory"] * 4})
    rows = rows.assign(recording="alice", model="net", layer="layer_03", ceiling=[0.5] * 8)
    rows = rows.assign(score=np.arange(8.0) / 10, beyond=np.nan, null_mean=0.0, null_sd=0.02)
    return rows[list(CONTEXTS)]


def test_all_comes_last(table):
    drawn = in_order(table)
    own = drawn[drawn["region"] == "language"]
    assert list(own["words"]) == ["1", "5", "20", "all"]
    assert list(own["score"]) == [0.1, 0.3, 0.0, 0.2]


def test_every_region_has_its_curve(table):
    picture = context_files(table)["contexts/contexts.png"]
    axes = picture.figure.axes
    assert [ax.get_title() for ax in axes] == ["language", "auditory"]
    lines = {tuple(line.get_ydata()) for line in axes[1].lines}
    assert (0.5, 0.7, 0.4, 0.6) in lines
    assert [text.get_text() for text in axes[0].get_xticklabels()] == ["1", "5", "20", "all"]
    picture.figure.draw_without_rendering()
    assert not overlaps(axes)
    assert not clipped(picture.figure)


def test_the_command_writes_the_picture_and_its_data(table, tmp_path):
    write_table(tmp_path / "scores.parquet", table)
    words = ["contexts", "--scores", str(tmp_path / "scores.parquet"), "--out", str(tmp_path)]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "contexts" / "contexts.png").stat().st_size > 1000
    assert len(pd.read_csv(tmp_path / "contexts" / "contexts.csv")) == 8
