"""A table knows whether it is as it was written, and what it was made from."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stages.core.run.errors import InputError
from stages.core.run.sealed_parquet import MARK, read_origin, sealed_writer
from stages.core.run.tables import read_table, write_table

FROM = {"recording toy": "a" * 64}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "t.parquet"
    table = pd.DataFrame({"name": list("abc"), "score": [0.1, 0.2, 0.3], "other": [1.0, 2.0, 3.0]})
    write_table(path, table, FROM)
    return path


def test_a_table_is_read_as_it_was_written(path):
    assert read_origin(path, "Do it.") == FROM
    assert list(read_table(path, ["score"], "")["score"]) == [0.1, 0.2, 0.3]


def test_the_same_table_is_the_same_bytes(path, tmp_path):
    write_table(tmp_path / "again.parquet", pd.read_parquet(path), FROM)
    assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()
    assert str(tmp_path).encode() not in path.read_bytes()


def _kept(path, rows):
    """Write rows as a careful hand would, with the footer's own words."""
    words = pq.read_metadata(path).metadata
    with pq.ParquetWriter(path, rows.schema) as writer:
        writer.write_table(rows)
        writer.add_key_value_metadata({MARK: words[MARK]})


def _scored(path):
    rows = pq.read_table(path)
    _kept(path, rows.set_column(1, "score", pa.array([0.1, 0.9, 0.3])))


def _renamed(path):
    """The columns change names, and not a value moves."""
    _kept(path, pq.read_table(path).rename_columns(["name", "other", "score"]))


def _from_elsewhere(path):
    about = json.loads(pq.read_metadata(path).metadata[MARK])
    rows = pq.read_table(path)
    with pq.ParquetWriter(path, rows.schema) as writer:
        writer.write_table(rows)
        about |= {"made_from": {"recording toy": "b" * 64}}
        writer.add_key_value_metadata({MARK: json.dumps(about)})


def _by_pandas(path):
    pd.read_parquet(path).to_parquet(path, index=False)


def _one_bit(path):
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)


def _of_another_form(path):
    rows = pq.read_table(path)
    with pq.ParquetWriter(path, rows.schema) as writer:
        writer.write_table(rows)
        writer.add_key_value_metadata({MARK: "[]"})


@pytest.mark.parametrize(
    "edit", [_scored, _renamed, _from_elsewhere, _by_pandas, _one_bit, _of_another_form]
)
def test_an_edited_table_is_refused(path, edit):
    edit(path)
    match = r"(table that was edited|unreadable parquet) in .*t\.parquet.* Do it\.$"
    for read in (read_origin, lambda path, do: read_table(path, [], do)):
        with pytest.raises(InputError, match=match) as error:
            read(path, "Do it.")
        assert "\n" not in str(error.value)


def test_what_is_written_in_parts_is_what_is_written_at_once(path, tmp_path, rng):
    """Groups of rows, and more bytes than are hashed at a time."""
    rows = pa.table({"value": rng.standard_normal(400_000), "n": np.arange(400_000)})
    made = tmp_path / "large.parquet"
    with sealed_writer(made, rows.schema, FROM) as writer:
        for part in (rows[:1], rows[1:250_000], rows[250_000:]):
            writer.write_table(part)
    assert made.stat().st_size > 2**21
    assert read_origin(made, "") == FROM
    assert pq.read_table(made).equals(rows)


def test_a_large_table_is_hashed_once(path, monkeypatch):
    from stages.core.run import digests, sealed_parquet

    taken = []
    monkeypatch.setattr(sealed_parquet, "LARGE", 1)
    take = digests.sha256
    monkeypatch.setattr(digests, "sha256", lambda *given: taken.append(given) or take(*given))
    for _ in range(3):
        assert read_origin(path, "") == FROM
    assert len(taken) == 1
    _by_pandas(path)
    with pytest.raises(InputError, match="table that was edited"):
        read_origin(path, "")
