"""Which forms a file may have, and what must come of them where it lies."""

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from tests.chaos.structure import (
    array_forms,
    hdf5_forms,
    json_forms,
    mat_forms,
    model_forms,
    parquet_forms,
    picture_forms,
    table_forms,
    tensor_forms,
    textgrid_forms,
    volume_forms,
    yaml_forms,
)
from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Form

OF_FORMAT: dict[str, Mapping[str, Form]] = {
    ".mat": mat_forms.FORMS,
    ".hdf5": hdf5_forms.FORMS,
    ".nc": hdf5_forms.NETCDF_FORMS,
    ".json": json_forms.FORMS,
    ".parquet": parquet_forms.FORMS,
    ".csv": table_forms.FORMS | {"table_quoted": table_forms.QUOTED[".csv"]},
    ".tsv": table_forms.FORMS | {"table_quoted": table_forms.QUOTED[".tsv"]},
    ".npz": array_forms.FORMS,
    ".npy": array_forms.FORMS,
    ".safetensors": tensor_forms.FORMS,
    ".png": picture_forms.FORMS,
    ".TextGrid": textgrid_forms.FORMS,
    ".yaml": yaml_forms.FORMS,
    ".nii.gz": volume_forms.FORMS,
}
# Names of files, patterns of forms, and what must come of these in place of what is said elsewhere.
EXCEPTIONS: tuple[tuple[str, str, str], ...] = (
    # Every column is a target, in the order and by the name that it has; a row without an id
    # answers to whatever was measured then, and one of a known id is a repeat.
    ("responses.*", "*_column_more", DIFFERENT),
    ("responses.*", "*_columns_turned", DIFFERENT),
    ("responses.*", "*_name_of_another_case", DIFFERENT),
    ("responses.*", "*_rows_turned", DIFFERENT),
    ("responses.*", "parquet_renamed", DIFFERENT),
    ("responses.*", "parquet_dropped", DIFFERENT),
    ("responses.*", "parquet_other_case", DIFFERENT),
    ("responses.*", "parquet_named_index", DIFFERENT),
    # Images have the order of their table, and of fewer words fewer are read.
    ("stimuli.*", "*_rows_turned", DIFFERENT),
    ("stimuli.*", "*_row_less", DIFFERENT),
    # Names of people, passages and regions may be numbers; those in place of texts are refused.
    ("*.nc", "hdf5_text_as_numbers", DIFFERENT),
    # What is sealed has the order of its keys: that of layers is their depth.
    ("activations.json", "json_keys_turned", REFUSED),
    ("recording.json", "json_keys_turned", REFUSED),
    # Keys that nobody knows are as none, and without any a tokenizer is what its kind of model has.
    ("tokenizer_config.json", "json_inside_another", DIFFERENT),
)


def forms_of(path: Path, *, sealed: bool) -> dict[str, Form]:
    """Every form that a file may have, by name.

    Parameters
    ----------
    path : Path
    sealed : bool
        Whether it is of this project's own writing: then no form of it may pass for another input,
        but for those that are sealed anew.
    """
    found = next((own for end, own in OF_FORMAT.items() if path.name.endswith(end)), {})
    found = {**found, **model_forms.FORMS.get(path.name, {})}
    if sealed:
        return {
            name: replace(form, expected=EQUAL) if form.expected == DIFFERENT else form
            for name, form in found.items()
        }
    return {name: replace(form, expected=_here(path, name, form)) for name, form in found.items()}


def _here(path: Path, name: str, form: Form) -> str:
    for file, pattern, expected in EXCEPTIONS:
        if fnmatch(path.name, file) and fnmatch(name, pattern):
            return expected
    return form.expected
