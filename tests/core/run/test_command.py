"""Exit codes, the last line, parallel loops and packaged models."""

import logging

import click
import pytest
from click.testing import CliRunner

from stages.core.nets import embedded
from stages.core.run.command import path_option, stage
from stages.core.run.errors import ConcordError, InputError, did_you_mean
from stages.core.run.parallel import parallel_map


class OutOfMemoryError(RuntimeError):
    """What PyTorch raises, without PyTorch."""


def make_command(error):
    @click.command()
    @path_option("--out", "Somewhere.")
    @stage
    def command(out):
        logging.getLogger("concord.test").warning("region %s skipped", "V1")
        if error is not None:
            raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "last"),
    [
        (None, 0, "concord.test: region V1 skipped"),
        (ConcordError("no result", where="V1"), 1, "error: no result in V1"),
        (ConcordError("no", got="one\n  two\r\n\n three\u2028"), 1, "error: no: got one two three"),
        (
            InputError("wrong", where="x", expected=3, got=4, do="Mend it."),
            2,
            "error: wrong in x: expected 3, got 4. Mend it.",
        ),
        (KeyError("surprise"), 1, "error: KeyError: 'surprise'"),
        (MemoryError("all taken"), 1, "error: out of memory: got all taken"),
        (
            OutOfMemoryError("CUDA out of memory"),
            1,
            "error: out of memory: got CUDA out of memory. Set CONCORD_MEMORY to less than the "
            "device has free, or CONCORD_DEVICE=cpu.",
        ),
    ],
)
def test_exit_codes_and_last_line(error, code, last):
    answer = CliRunner().invoke(make_command(error), ["--out", "x"])
    assert answer.exit_code == code
    assert answer.stderr.strip().splitlines()[-1] == last


def test_a_usage_error_is_wrong_input():
    answer = CliRunner().invoke(make_command(None), ["--uot", "x"])
    assert answer.exit_code == 2
    assert "--out" in answer.stderr


def test_a_wrong_environment_is_refused_before_any_work(monkeypatch):
    monkeypatch.setenv("CONCORD_DEVCE", "cuda")
    answer = CliRunner().invoke(make_command(KeyError("work")), ["--out", "x"])
    assert answer.exit_code == 2
    assert answer.stderr.strip().endswith(
        "wrong setting in the environment: expected a known name, got CONCORD_DEVCE. "
        "Did you mean 'CONCORD_DEVICE'?"
    )


def test_near_words_come_first_and_all_are_listed_when_none_is_near():
    assert did_you_mean("alise", ["alice", "wehbe"]) == "Did you mean 'alice'?"
    assert did_you_mean("zzz", ["wehbe", "alice"]) == "Known: alice, wehbe."


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_parallel_results_keep_their_order(monkeypatch, jobs):
    monkeypatch.setenv("CONCORD_JOBS", jobs)
    assert parallel_map(abs, [-3, 2, -1], "test") == [3, 2, 1]


@pytest.mark.parametrize("jobs", ["many", "0", "-1", ""])
def test_a_wrong_number_of_workers(monkeypatch, jobs):
    monkeypatch.setenv("CONCORD_JOBS", jobs)
    with pytest.raises(InputError, match="wrong setting in CONCORD_JOBS: expected a number"):
        parallel_map(abs, [1], "test")


def test_a_packaged_model_is_checked(monkeypatch):
    assert (embedded.embedded_folder("st", "all-MiniLM-L6-v2") / "config.json").is_file()
    assert embedded.embedded_folder("hf", "gpt2") is None
    package, weights, _ = embedded.EMBEDDED["st:all-MiniLM-L6-v2"]
    monkeypatch.setitem(embedded.EMBEDDED, "st:all-MiniLM-L6-v2", (package, weights, "0" * 64))
    with pytest.raises(InputError, match=r"wrong weights .*model\.safetensors: expected 0000"):
        embedded.embedded_folder("st", "all-MiniLM-L6-v2")


def test_a_model_whose_package_is_absent_is_looked_for_elsewhere(monkeypatch):
    monkeypatch.setitem(embedded.EMBEDDED, "st:all-MiniLM-L6-v2", ("no_such_package", "model", "0"))
    assert embedded.embedded_folder("st", "all-MiniLM-L6-v2") is None
