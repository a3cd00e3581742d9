"""The annotated features of the Wehbe release, `story_features.mat`."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.matfile import fields, numbers, read_mat, text, texts

logger = logging.getLogger("concord.prepare")


def read_features(path: Path, n_words: int) -> pd.DataFrame:
    """Read the features, one column `type/name` each, one row per word.

    A name can occur under two types (CC does), so that only both together name a feature.

    Raises
    ------
    InputError
        If the file is not of the release's format, has not one row per word, or holds values
        that are not finite.
    """
    blocks = read_mat(path, ("features",))["features"]
    return parse_features(blocks, n_words, f"{path}: features")


def parse_features(blocks: NDArray[Any], n_words: int, where: str) -> pd.DataFrame:
    """As `read_features`, from the struct array in the file."""
    tables = [
        parse_block(text(kind, where), names, values, n_words, where)
        for kind, names, values in zip(
            *fields(blocks, ("type", "names", "values"), where), strict=True
        )
        if np.size(kind)
    ]
    _check_empty(blocks, where)
    empty = blocks.size - len(tables)
    if empty:
        logger.info("%s: %d empty blocks skipped", where, empty)
    if not tables:
        raise InputError("no features", where=where)
    table = pd.concat(tables, axis=1)
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise InputError("duplicate feature", where=where, got=repeated[0])
    broken = ~np.isfinite(table.to_numpy())
    if broken.any():
        row, column = np.argwhere(broken)[0]
        raise InputError(
            "values that are not finite", where=f"{where}, {table.columns[column]}, word {row}"
        )
    return table


def _check_empty(blocks: NDArray[Any], where: str) -> None:
    """Raise `InputError` if a block without a type has values."""
    for kind, values in zip(*fields(blocks, ("type", "values"), where), strict=True):
        if not np.size(kind) and np.size(values):
            got = f"{np.shape(values)} values of none"
            raise InputError("features without a type", where=where, got=got)


def parse_block(kind: str, names: Any, values: Any, n_words: int, where: str) -> pd.DataFrame:
    """Features of one type.

    An older copy of the release names `word_length` and one more feature than its block of
    visual features has columns: the last name is dropped there.
    """
    where = f"{where}, {kind}"
    matrix = numbers(values, where)
    matrix = numbers(matrix.reshape(-1, 1) if matrix.ndim == 1 else matrix, where, (None, None))
    if matrix.shape[0] != n_words:
        raise InputError(
            "features with another row count",
            where=where,
            expected=f"{n_words} words",
            got=f"{matrix.shape[0]} rows",
        )
    columns = texts(names, where)
    if len(columns) == matrix.shape[1] + 1 and columns[0] == "word_length":
        logger.info("%s: no values for the last name, %s: dropped", where, columns[-1])
        columns = columns[:-1]
    if len(columns) != matrix.shape[1]:
        raise InputError(
            "names and values differ",
            where=where,
            expected=f"{len(columns)} columns",
            got=matrix.shape[1],
        )
    if not all(name.strip() for name in (kind, *columns)):
        raise InputError("feature without a name", where=where, got=repr(columns)[:80])
    return pd.DataFrame(matrix, columns=[f"{kind}/{name}" for name in columns])
