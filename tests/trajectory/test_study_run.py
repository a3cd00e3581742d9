"""What a study of training reads and writes: each step tells what it was given."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from stages.trajectory import study_run as module
from stages.trajectory.study_run import run_study


def test_tables_are_made_of_all_curves_of_the_families_that_are_there(monkeypatch):
    scores = pd.DataFrame({"of": ["b", "a", "b"]})
    written, given = {}, {}

    def tables(curves, asked, planted, controls, pieces):
        given.update(curves=curves, planted=planted, controls=controls, pieces=pieces)
        return {"leads": "leads table", "curves": "curves table"}

    def alignment(found, measures, last):
        assert (found is scores, measures, last) == (True, ["r"], 4)
        return pd.DataFrame({"side": ["alignment"] * 2})

    def published(members, whose, folder):
        assert (members, whose, folder) == ("members of ['a', 'b']", {"a": "x"}, Path("p"))
        return pd.DataFrame({"measure": ["further"]})

    own = pd.DataFrame({"measure": ["loss", "accuracy"]})
    fakes = {
        "read_scores": lambda *asked: scores,
        "families_origin": lambda *asked: {"made": "of"},
        "members_of": lambda folder, families: f"members of {families}",
        "published_performance": published,
        "performance_of": lambda folder, families: own,
        "alignment_curves": alignment,
        "performance_curves": lambda performance: performance.assign(side="performance"),
        "read_pieces": lambda family, found: "pieces",
        "piece_curves": lambda found, without, measures, last: (without, last),
        "shares_by_place": lambda pieces: ("shares", pieces),
        "read_truth": lambda path: ("truth", path),
        "trajectory_tables": tables,
        "write_table": lambda path, table, made: written.update({str(path): (table, made)}),
        "write_json": lambda path, content: written.update({str(path): content}),
        "summarise": lambda made, planted: (sorted(made), planted),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(module, name, fake)
    run_study(
        Path("family"),
        Path("act"),
        truth=Path("truth.json"),
        out=Path("out"),
        summary=Path("summary.json"),
        asked=SimpleNamespace(ends=SimpleNamespace(plateau=4)),
        measures=["r"],
        families=["a", "b"],
        controls={"a": "c"},
        published=Path("p"),
        whose={"a": "x"},
    )
    assert given["curves"]["side"].tolist() == ["alignment"] * 2 + ["performance"] * 3
    assert given["curves"]["measure"].tolist()[2:] == ["loss", "accuracy", "further"]
    assert given["curves"].index.tolist() == list(range(5))
    assert (given["pieces"], given["controls"]) == (("shares", ("pieces", 4)), {"a": "c"})
    assert written == {
        "out/leads.parquet": ("leads table", {"made": "of"}),
        "out/curves.parquet": ("curves table", {"made": "of"}),
        "summary.json": (["curves", "leads"], ("truth", Path("truth.json"))),
    }
