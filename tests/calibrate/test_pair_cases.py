from stages.calibrate import pair_cases
from stages.calibrate.stage_runs import Study
from stages.core.params.read import read_params
from tests.conftest import PROJECT


def test_a_recording_serves_twenty_simulations(monkeypatch):
    """Of 21 simulations there are two recordings, of six responses each, judged in three ways."""
    params = read_params(PROJECT / "params.yaml")
    monkeypatch.setattr(pair_cases, "LAYOUTS", {"alice": pair_cases.LAYOUTS["alice"]})
    monkeypatch.setattr(pair_cases, "SIGNALS", {"two models of noise": 0.0})
    few = params.calibrate.model_copy(update={"simulations": 21})
    tables = list(pair_cases.pair_cases(Study(params, few, ())))
    assert [table["method"].unique().tolist() for table in tables[:3]] == [
        [pair_cases.OURS], [pair_cases.NARROW], [pair_cases.ONCE]
    ]  # fmt: skip
    assert [table["left"].to_list() for table in tables] == [["0"] * 6] * 3 + [["1"] * 6] * 3
