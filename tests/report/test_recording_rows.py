import pandas as pd
import pytest

from stages.core.results.language_scores import LAYERS, SCORES
from stages.core.run.errors import InputError
from stages.report import recording_rows
from stages.report.recording_rows import layers_held, read_language
from tests.report.made_results import typed, write_language


def test_every_number_is_that_of_its_table(tmp_path):
    write_language(tmp_path)
    folder = tmp_path / "language"
    tables = read_language(folder)
    for name in ("scores", "layers", "networks"):
        written = pd.read_parquet(folder / f"{name}.parquet")
        made = tables[f"language_{name}"]
        pd.testing.assert_frame_equal(made, written[list(made)], check_dtype=False)
    assert tables["language_limits"]["ceiling"].to_list() == [0.875]
    assert tables["language_left_out"].empty


def test_a_recording_whose_ceilings_are_lost_is_named(tmp_path):
    write_language(tmp_path)
    (tmp_path / "language" / "ceilings" / "pereira2018-243.parquet").unlink()
    with pytest.raises(InputError, match=r"pereira2018-243.*ceilings_language"):
        read_language(tmp_path / "language")
    (tmp_path / "language" / "ceilings").rmdir()
    assert "language_limits" not in read_language(tmp_path / "language")


def test_a_page_holds_the_layers_of_the_best_models(monkeypatch):
    scored = {"first": 0.1, "best": 0.5, "second": 0.3}
    scores = typed(
        SCORES,
        [
            {"model": name, "region": region, "score": score if region == "all" else -score}
            for name, score in scored.items()
            for region in ("A", "all")
        ],
    )
    layers = typed(LAYERS, [{"model": name} for name in scored for _ in range(4)])
    assert layers_held(layers, scores) == (layers, [])
    monkeypatch.setattr(recording_rows, "MOST_LAYERS", 8)
    held, lines = layers_held(layers, scores)
    assert held["model"].to_list() == ["best"] * 4 + ["second"] * 4
    assert lines == ["layers of all but the best 2 models"]
