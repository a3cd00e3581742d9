"""`python -m stages` names every stage, and how the flow calls each."""

from click.testing import CliRunner

from stages.__main__ import main, summaries
from stages.core.run.flow import calls, flow
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
    assert "\ndvc repro encode\n    python -m stages.encode model \\\n      --recording " in shown
    assert "python -m stages.encode --help" in shown


def test_a_stage_that_is_not_there_is_named():
    answer = CliRunner().invoke(main, ["encod"])
    assert answer.exit_code == 2
    assert "no such stage: got encod. Did you mean 'encode'" in answer.output
