"""Files packed with gzip, of which a small one may hold more than any memory."""

import gzip
from pathlib import Path

# A volume of NSD has 10 MB, the labels of a mesh 1 MB: what unpacks to more is none of them.
MOST_BYTES = 2**30


def unpacked(path: Path) -> bytes:
    """Unpack a file, whole, since only its end tells whether its content is undamaged.

    Raises
    ------
    ValueError
        If it holds more than a gigabyte.
    OSError
        If it is damaged, as of `gzip`.
    """
    with gzip.open(path) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES} bytes once it is unpacked")
    return content
