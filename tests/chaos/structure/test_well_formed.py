"""What must come of each structure is said before, and held against what came."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.chaos.structure.all_forms import OF_FORMAT, forms_of
from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, apply
from tests.chaos.structure.well_formed import structured
from tests.chaos.trial import Ended, UnfitError
from tests.chaos.verdicts import judge


@pytest.mark.parametrize("end", OF_FORMAT)
def test_every_structure_says_what_must_come_of_it(end):
    found = forms_of(Path(f"a{end}"), sealed=False)
    assert {form.expected for form in found.values()} <= {REFUSED, EQUAL, DIFFERENT}
    sealed = forms_of(Path(f"a{end}"), sealed=True)
    assert list(sealed) == list(found)
    assert DIFFERENT not in {form.expected for form in sealed.values()}


def test_what_a_file_is_changes_what_must_come_of_it():
    own, other = (forms_of(Path(name), sealed=False) for name in ("responses.csv", "stimuli.csv"))
    assert own["table_column_more"].expected == DIFFERENT
    assert other["table_column_more"].expected == EQUAL


class _Deaf:
    """A specimen whose command reads any file without a word, and writes something else."""

    def __init__(self, path):
        self.inputs, self.undisturbed = [path], Ended(0, "", 1.0)
        self.specimen = SimpleNamespace(name="deaf", sealed=False)

    def changed(self, path, change):
        return Ended(0, "", 1.0)

    def verdict(self, ended, *, may_differ):
        return judge(ended, same=False, may_differ=may_differ)


def test_a_command_that_takes_anything_is_found_out():
    path = Path("a.csv")
    known = forms_of(path, sealed=False)
    found = list(structured(_Deaf(path), range(len(known)), 0))
    assert {one.what.partition(" ")[0] for one in found} == set(known)
    for one in found:
        may = known[one.what.partition(" ")[0]].expected == DIFFERENT
        assert one.verdict == ("explained" if may else "silent")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet", "a.npz", "a.json"])
def test_most_structures_can_be_made(tmp_path, name):
    path = tmp_path / name
    table = pd.DataFrame({"id": ["a", "b", "c"], "onset": [0.5, 1.25, 2.0], "run": [1, 1, 2]})
    write = {
        ".csv": lambda: table.to_csv(path, index=False),
        ".tsv": lambda: table.to_csv(path, index=False, sep="\t"),
        ".parquet": lambda: table.to_parquet(path, index=False),
        ".npz": lambda: np.savez(path, responses=np.ones((3, 2)), targets=np.array(["a", "b"])),
        ".json": lambda: path.write_text('{"a": [1, 2.5], "b": {"c": "d", "e": true}}'),
    }[path.suffix]
    known = forms_of(path, sealed=False)
    done = 0
    for form in known.values():
        write()
        try:
            apply(form, path, np.random.default_rng(1))
        except UnfitError:
            continue
        done += 1
    assert done >= 0.8 * len(known)
