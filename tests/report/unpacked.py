"""What a page carries, read back by other code than the page's own."""

import base64
import json
import re
import zlib

import numpy as np
import pandas as pd

NUMBERS = {8: "<f8", 2: "<i2"}
COUNTS = {1: "<u1", 2: "<u2", 4: "<u4"}


def content_of(page):
    """The data of a page."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    return json.loads(text)


def table_of(packed):
    """A table as it was embedded."""
    columns = {name: column_of(one) for name, one in packed["columns"].items()}
    return pd.DataFrame(columns, index=range(packed["rows"]))


def column_of(packed):
    kind = packed["kind"]
    values = array_of(packed, (NUMBERS if kind == "number" else COUNTS)[packed["width"]])
    if kind == "number":
        return values if packed["width"] == 8 else from_thousandths(values)
    if kind == "flag":
        return values.astype(bool)
    return np.array([*packed["levels"], ""], dtype=object)[values] if len(values) else []


def from_thousandths(values):
    """Numbers of which -32768 is none, and ±32767 are next to 0."""
    known = {-32768: np.nan, 32767: 1e-4, -32767: -1e-4}
    return np.array([known.get(int(one), int(one) / 1000) for one in values])


def array_of(packed, dtype):
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), np.uint8)
    values = np.ascontiguousarray(planes.reshape(packed["width"], -1).T)
    return values.view(dtype).ravel()
