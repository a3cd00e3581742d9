"""What shuffled folds add is drawn as it is in the tables of encode."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.colors import to_hex

from stages.core.results.results import results_table, write_results
from stages.core.run.errors import InputError
from stages.plots.__main__ import main
from stages.plots.folds.fold_dots import COLORS, fold_dots
from stages.plots.folds.fold_gallery import fold_files, fold_pairs
from tests.plots.figures import clipped, overlaps, texts

CHOSEN, OASM = {"A_L": 0.3, "B_L": 0.2}, {"A_L": -0.05, "B_L": 0.01}


def table(split, added, subjects=("s1", "group")):
    """Make scores of the chosen layer, of another and of two controls, by r and r2."""
    kinds = [("nested", "layer_03", CHOSEN), ("hidden", "layer_01", CHOSEN)]
    kinds += [("control", "oasm", OASM), ("control", "nuisance", CHOSEN)]
    rows = [
        {"dataset": "made", "subject": subject, "region": region, "model": "minilm", "kind": kind}
        | {"layer": layer, "metric": metric, "split": split}
        | {"score": score + added + (subject == "s1") + (metric == "r2")}
        for subject in subjects
        for kind, layer, scores in kinds
        for region, score in scores.items()
        for metric in ("r", "r2")
    ]
    return results_table(rows)


@pytest.fixture
def tables():
    return table("held-out blocks", 0.0), table("held-out shuffled", 0.5)


def test_pairs_are_those_of_the_average_by_region(tables):
    assert fold_pairs(*tables)["what"].tolist() == ["minilm", "minilm", "oasm", "oasm"]
    pairs = fold_pairs(*tables).set_index(["what", "region"])
    assert set(pairs["subject"]) == {"group"}
    for what, scores in (("minilm", CHOSEN), ("oasm", OASM)):
        for region, score in scores.items():
            found = pairs.loc[(what, region)]
            assert (found["contiguous"], found["shuffled"]) == pytest.approx((score, score + 0.5))
    assert len(pairs) == 4


def test_voxels_are_averaged_by_region():
    one, two = (
        table("held-out runs", added, ["s1"]).assign(target=f"v{added}") for added in (0, 1)
    )
    other = pd.concat([one, two]).assign(split="held-out shuffled")
    pairs = fold_pairs(pd.concat([one, two], ignore_index=True), other).set_index("what")
    assert pairs.loc["oasm", "contiguous"].tolist() == pytest.approx([1.45, 1.51])


def test_dots_are_hollow_where_folds_are_shuffled(tables):
    pairs = fold_pairs(*tables)
    figure = fold_dots(pairs, "title")
    figure.draw_without_rendering()
    assert [ax.get_title() for ax in figure.axes] == ["minilm", "oasm"]
    for ax, what, color in zip(figure.axes, ("minilm", "oasm"), COLORS, strict=True):
        rows, (lines, hollow, filled) = pairs[pairs["what"] == what], ax.collections
        np.testing.assert_allclose(hollow.get_offsets()[:, 0], rows["shuffled"])
        np.testing.assert_allclose(filled.get_offsets()[:, 0], rows["contiguous"])
        assert to_hex(hollow.get_facecolor()[0]) == "#ffffff"
        assert to_hex(filled.get_facecolor()[0]) == to_hex(hollow.get_edgecolor()[0]) == color
        ends = np.array([segment[:, 0] for segment in lines.get_segments()])
        np.testing.assert_allclose(ends, rows[["contiguous", "shuffled"]])
    assert texts(figure.axes[0].get_yticklabels()) == ["A L", "B L"]
    assert not overlaps(figure.axes)
    assert not clipped(figure)


def test_the_title_marks_what_leaks_and_gives_the_means(tables):
    files = fold_files(*tables)
    assert set(files) == {"folds/pairs.csv", "folds/pairs.png"}
    title = files["folds/pairs.png"].figure.get_suptitle()
    assert "SHUFFLED → contiguous" in title
    assert "minilm 0.75 → 0.25; oasm 0.48 → -0.02" in title.replace("\n", " ")


def test_tables_of_other_folds_and_without_the_control_are_refused(tables):
    contiguous, shuffled = tables
    with pytest.raises(InputError, match="wrong folds in contiguous folds"):
        fold_pairs(shuffled, shuffled)
    with pytest.raises(InputError, match="wrong folds in shuffled folds"):
        fold_pairs(contiguous, contiguous)
    with pytest.raises(InputError, match="no scores in shuffled folds"):
        fold_pairs(contiguous, shuffled.head(0))
    with pytest.raises(InputError, match="no control `oasm`.*encode.controls"):
        fold_pairs(*(one[one["layer"] != "oasm"] for one in tables))
    with pytest.raises(InputError, match="one kind of folds alone in made, group, B_L, minilm"):
        fold_pairs(contiguous, shuffled[shuffled["region"] != "B_L"])


def test_the_command_writes_picture_and_table(tables, tmp_path):
    paths = [tmp_path / name for name in ("contiguous.parquet", "shuffled.parquet")]
    for path, one in zip(paths, tables, strict=True):
        write_results(path, one)
    words = ["folds", "--contiguous", paths[0], "--shuffled", paths[1], "--out", tmp_path / "plots"]
    answer = CliRunner().invoke(main, list(map(str, words)))
    assert answer.exit_code == 0, answer.output
    assert len(pd.read_csv(tmp_path / "plots/folds/pairs.csv")) == 4
    assert (tmp_path / "plots/folds/pairs.png").stat().st_size > 1000
