import pytest

from stages.core.names.run_name import RunName, parse_run
from stages.core.run.errors import InputError

KINDS = ("read", "shuffled")


def test_names_say_what_is_learnt_by_which_network():
    assert parse_run("read-0", KINDS) == RunName("read", "", 0)
    assert parse_run("shuffled-small-12", KINDS, ["tiny", "small"]) == RunName(
        "shuffled", "small", 12
    )
    assert parse_run("shuffled-1", KINDS).shuffled
    assert not parse_run("read-1", KINDS).shuffled


@pytest.mark.parametrize("name", ["read", "read-", "reed-0", "read-large-0", "read-x", "../read-0"])
def test_other_names_are_refused(name):
    with pytest.raises(InputError, match=r"unknown run in --run: expected read or shuffled"):
        parse_run(name, KINDS, ["tiny"], "--run")
