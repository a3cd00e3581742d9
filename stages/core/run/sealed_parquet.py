"""Tables of parquet that hold a digest of themselves, and name what they were made from.

Both stand in the file's own footer, so that they go where the table goes. The digest is of all
bytes before the footer, of the columns' names and of what the table was made from: it is taken
while the table is written, and costs a reader one look at the bytes. What was edited since has
another one, or, where other tools wrote it, none. There is no date in it, and no path.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from stages.core.run.digests import known_sha256
from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256
from stages.core.run.seals import LARGE

MARK = b"concord"
# At the end of every parquet file: the length of the footer, and four letters.
TAIL = 8
# What pandas and Arrow raise of bytes that are no table, whole or in part.
UNREADABLE = (pa.ArrowException, OSError, ValueError, TypeError, LookupError, AttributeError)


@contextmanager
def sealed_writer(
    path: Path, schema: pa.Schema, made_from: Mapping[str, str]
) -> Iterator[pq.ParquetWriter]:
    """Yield a writer of a table that is sealed once the block has succeeded.

    Parameters
    ----------
    path : Path
    schema : pyarrow.Schema
    made_from : mapping of str to str
        By name, the digests of what the table was made from; see `stages.core.run.origins`.
    """
    with path.open("wb") as stream:
        sink = _Hashed(stream)
        with pq.ParquetWriter(sink, schema) as writer:
            yield writer
            seal = _digest(sink.content.hexdigest(), schema.names, made_from)
            about = {"digest": seal, "made_from": dict(made_from)}
            writer.add_key_value_metadata({MARK: json.dumps(about, sort_keys=True)})


class _Hashed(io.RawIOBase):
    """A file whose bytes are hashed as they are written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._place, self.content = stream, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def write(self, content: Any) -> int:
        self.content.update(content)
        self._place += len(content)
        return self._stream.write(content)


def _digest(content: str, columns: Sequence[str], made_from: Mapping[str, str]) -> str:
    whole = json.dumps([content, list(columns), dict(made_from)], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def read_origin(path: Path, do: str) -> dict[str, str]:
    """Read what a table was made from, by name, and hold the table against its own digest.

    Parameters
    ----------
    path : Path
    do : str
        What the user can do about a table that is not as it was written.

    Raises
    ------
    InputError
        If it is missing or unreadable, or was edited after it was written, by whatever.
    """
    require_file(path, do)
    try:
        footer = pq.read_metadata(path)
        about = json.loads((footer.metadata or {}).get(MARK, b"{}"))
        made_from = {str(name): str(value) for name, value in about.get("made_from", {}).items()}
        content = _content(path)
        found = _digest(content, footer.schema.to_arrow_schema().names, made_from)
    except UNREADABLE as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable parquet", where=path, got=got, do=do) from error
    if about.get("digest") != found:
        raise InputError(
            "table that was edited",
            where=path,
            expected=f"digest {found[:12]}",
            got=str(about.get("digest", "none"))[:12],
            do=do,
        )
    return made_from


def _content(path: Path) -> str:
    """Digest of all bytes before the footer; of a large table, kept as `file_digest` keeps it."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(size - TAIL)
        before = size - TAIL - int.from_bytes(stream.read(4), "little")
    return known_sha256(path, before) if size >= LARGE else sha256(path, before)
