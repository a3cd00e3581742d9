"""`python -m stages` names every stage, and how the flow calls each."""

from click.testing import CliRunner

from stages.__main__ import calls, flow, main, summaries
from tests.conftest import PROJECT

STAGES = sorted(path.parent.name for path in PROJECT.glob("stages/*/__main__.py"))


def said(*words):
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_every_stage_has_a_line():
    lines = said().splitlines()
    assert [line.split()[0] for line in lines[: len(STAGES)]] == STAGES
    assert all(line.endswith(".") for line in lines[: len(STAGES)])
    assert not lines[len(STAGES)]
    assert "core" not in summaries()


def test_every_stage_of_the_flow_has_an_example():
    commands = flow(PROJECT)
    assert [name for name in STAGES if not calls(name, commands)] == ["cluster"]
    shown = said("encode")
    assert "\ndvc repro encode\n    python -m stages.encode model --recording " in shown
    assert "python -m stages.encode --help" in shown


def test_commands_are_those_of_the_flow_each_once(tmp_path):
    (tmp_path / "data" / "more").mkdir(parents=True)
    lines = ["a: {cmd: python -m stages.probe --x 1}", "b: {cmd: python -m stages.prob y}"]
    lines += ["c: {cmd: python -m stages.probe --x 1}"]
    (tmp_path / "dvc.yaml").write_text("stages:\n  " + "\n  ".join(lines))
    more = "stages:\n  d: {cmd: 'python -m stages.probe --x ${item.x}'}\nplots: []\n"
    (tmp_path / "data" / "more" / "dvc.yaml").write_text(more)
    assert calls("probe", flow(tmp_path)) == {
        "a": "python -m stages.probe --x 1",
        "data/more/dvc.yaml:d": "python -m stages.probe --x ${item.x}",
    }


def test_a_stage_that_is_not_there_is_named():
    answer = CliRunner().invoke(main, ["encod"])
    assert answer.exit_code == 2
    assert "no such stage: got encod. Did you mean 'encode'" in answer.output
