import subprocess
import sys
from importlib import import_module

from click.testing import CliRunner

from stages.core.run import command as frame
from stages.core.run.flow import calls, flow, over_lines
from tests.conftest import PROJECT


def test_commands_are_those_of_all_flows_each_once(tmp_path):
    (tmp_path / "data" / "more").mkdir(parents=True)
    lines = ["a: {cmd: python -m stages.probe --x 1}", "b: {cmd: python -m stages.prob y}"]
    lines += [
        "c: {cmd: python -m stages.probe --x 1}",
        "e: {cmd: python -m stages.probe y z --x 1}",
    ]
    (tmp_path / "dvc.yaml").write_text("stages:\n  " + "\n  ".join(lines))
    more = "stages:\n  d: {cmd: 'python -m stages.probe y --x ${item.x}'}\nplots: []\n"
    (tmp_path / "data" / "more" / "dvc.yaml").write_text(more)
    found = flow(tmp_path)
    assert calls("probe", found) == {
        "a": "python -m stages.probe --x 1",
        "e": "python -m stages.probe y z --x 1",
        "data/more/dvc.yaml:d": "python -m stages.probe y --x ${item.x}",
    }
    assert list(calls("probe", found, "y")) == ["e", "data/more/dvc.yaml:d"]
    assert calls("probe", found, "z") == {}
    assert over_lines("a --b c --d") == "a \\\n      --b c \\\n      --d"


def test_the_help_of_every_command_of_the_flow_shows_it(monkeypatch):
    commands = flow(PROJECT)
    monkeypatch.setattr(frame, "flow", lambda root: commands)
    shown = 0
    for command in commands.values():
        words = command.split()
        if words[:2] != ["python", "-m"]:
            continue
        study = [word for word in words[3:4] if not word.startswith("-")]
        main = import_module(f"{words[2]}.__main__").main
        answer = CliRunner().invoke(main, [*study, "--help"])
        assert answer.exit_code == 0, command
        assert f"    {over_lines(command)}\n" in answer.output, command
        shown += 1
    assert shown > 50


def test_a_command_that_is_run_as_one_shows_its_example():
    line = [sys.executable, "-m", "stages.encode", "shuffled", "--help"]
    said = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert said.startswith("Usage: python -m stages.encode shuffled [OPTIONS]")
    assert "\nExample (dvc repro metrics/dvc.yaml:encode_shuffled):\n" in said
    assert said.count("Example") == 1
