"""Everything that can be checked of the published tables of Shen et al. (2025)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.relate.benchmarks import read_benchmarks
from stages.relate.kernel_sizes import (
    best_bandwidths,
    check_changes,
    check_normalised,
    check_subjects,
    read_changes,
    read_scores,
)
from stages.relate.partial import check_partial
from stages.relate.published import check_claims, check_published, read_published

FOLDER = "brainalign/figures"


def check_brainalign(files: Mapping[str, Path]) -> Iterator[dict[str, Any]]:
    """Hold the published numbers against what follows from the published tables.

    Parameters
    ----------
    files : mapping of str to Path
        From `fetch`.

    Yields
    ------
    dict
        Rows of the table.
    """
    entries = read_published(_file(files, "statistic/correlation_36.csv"))
    yield from check_claims(entries)
    yield from check_published(entries)
    yield from check_partial(entries, read_benchmarks(files))
    scores = read_scores(_file(files, "brain_regions/kernel_size/language.csv"))
    yield from check_normalised(scores)
    yield from best_bandwidths(scores)
    changes = _file(files, "kernel_size/language/28_68_consistency.csv")
    yield from check_changes(scores, read_changes(changes))
    for modality, name in (("language", "lang_corr"), ("vision", "vision_corr")):
        path = require_file(_file(files, f"statistic/{name}.csv"), "Restore the file.")
        yield from check_subjects(scores, pd.read_csv(path, index_col=0), modality)


def _file(files: Mapping[str, Path], name: str) -> Path:
    try:
        return files[f"{FOLDER}/{name}"]
    except KeyError as error:
        where = "data/raw/brainalign/sources.json"
        raise InputError("file not listed", where=where, expected=f"{FOLDER}/{name}") from error
