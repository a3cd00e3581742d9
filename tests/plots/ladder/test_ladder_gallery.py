"""Pictures of ladders show every claim once, with the counts that the tables hold."""

import pandas as pd
from click.testing import CliRunner
from matplotlib.colors import to_hex

from stages.core.results.ladder import COLUMNS, RUNGS
from stages.core.results.typed_tables import empty_table
from stages.core.run.tables import write_table
from stages.ladder.story_claims import Evidence, story_ladder
from stages.plots.__main__ import main
from stages.plots.ladder.claim_tables import claim_counts, region_rows
from stages.plots.ladder.ladder_gallery import ladder_files
from stages.plots.ladder.ladder_maps import COLORS, claim_map, region_map
from tests.ladder.findings import intervals, nested, pairs, roll


def ladder():
    others = empty_table(COLUMNS)
    return story_ladder(Evidence(nested(), pairs(), intervals(nested()), roll(), others, 0.5))


def texts(figure):
    (ax,) = figure.axes
    return [text.get_text() for text in ax.texts]


def test_counts_are_those_of_the_ladder():
    counts = claim_counts({"story": ladder(), "scene": empty_table(COLUMNS)})
    assert list(counts["claim"].unique()) == [
        "big predicts",
        "small predicts",
        "big surpasses small",
    ]
    assert list(counts["rung"]) == list(RUNGS) * 3
    first = counts.iloc[0]
    assert (first["regions"], first["asked"], first["held"]) == (2, 2, 1)
    assert counts.loc[counts["rung"] == "other data", "asked"].sum() == 0


def test_the_region_of_which_most_holds_comes_first():
    rows = region_rows(ladder())
    assert set(rows["model"]) == {"big"}
    assert list(rows["region"].unique()) == ["A", "B"]
    assert list(rows["rung"]) == list(RUNGS) * 2
    shuffled = ladder().sample(frac=1, random_state=0).sort_values("model", kind="stable")
    pd.testing.assert_frame_equal(region_rows(shuffled), rows)


def test_tiles_have_the_colour_of_their_state_and_the_value():
    rows = region_rows(ladder())
    figure = region_map(rows, "toy")
    told = texts(figure)
    assert told[: len(RUNGS)] == ["0.60", "0.48", "0.40", "", "0.75", "1.00", "", ""]
    tiles = [to_hex(tile.get_facecolor()[0]) for tile in figure.axes[0].collections]
    assert tiles == [COLORS[state] for state in rows["state"]]


def test_claims_show_counts_and_nothing_where_nothing_was_asked():
    figure = claim_map(claim_counts({"story": ladder()}), "toy")
    assert texts(figure)[: len(RUNGS)] == ["1/2", "1/2", "1/2", "", "1/2", "1/2", "", ""]


def test_without_claims_there_is_a_table_and_no_picture():
    files = ladder_files({"story": empty_table(COLUMNS)}, "ladder")
    assert list(files) == ["ladder/claims.csv"]
    pairs_alone = ladder()[lambda table: table["claim"] == "surpasses"]
    files = ladder_files({"story": pairs_alone}, "ladder")
    assert list(files) == ["ladder/claims.csv", "ladder/claims.png"]


def test_claims_of_which_nothing_was_asked_are_in_the_table_alone():
    unasked = ladder().assign(state="not asked", model="mute " + ladder()["model"])
    files = ladder_files({"story": ladder(), "trajectory_story": unasked}, "ladder")
    assert "mute big predicts" in set(files["ladder/claims.csv"]["claim"])
    picture = files["ladder/claims.png"]
    assert "3 claims of which nothing could be asked" in picture.caption
    (ax,) = picture.figure.axes
    assert len(ax.get_yticks()) == 3


def test_the_command(tmp_path):
    write_table(tmp_path / "ladders" / "story.parquet", ladder())
    words = ["ladder", "--ladders", str(tmp_path / "ladders"), "--out", str(tmp_path / "ladder")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    made = sorted(path.name for path in (tmp_path / "ladder").iterdir())
    assert made == ["claims.csv", "claims.png", "index.json", "story.csv", "story.png"]
