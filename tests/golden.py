"""Compare the outputs of two runs, value by value: `python -m tests.golden BEFORE AFTER`.

BEFORE and AFTER are folders with data/, metrics/ and plots/. Every output of BEFORE is looked up in
AFTER, under its new name where it has one. Exit code 1 if a file differs or is missing; a file that
is new is listed and does no harm.
"""

import filecmp
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from pathlib import Path, PurePosixPath
from typing import Any

import click
import h5py
import nibabel
import numpy as np
import pandas as pd
from PIL import Image
from safetensors import deserialize
from scipy.io import loadmat

# Where outputs went: old prefix, new prefix.
MOVED = {
    "data/results/geometry": "data/results/align",
    "metrics/geometry.json": "metrics/align.json",
    "plots/geometry": "plots/align",
}
# Columns with a new name, by the old path of their table.
RENAMED = {"data/results/survey/models.parquet": {"family": "architecture"}}
# Tables that held one model and now hold several, by their old path.
SEVERAL_MODELS = {f"data/results/{name}.parquet" for name in ("probe", "encode", "profile")}
FOLDERS = ("data", "metrics", "plots")
NOT_OUTPUTS = {".gitignore", "dvc.yaml"}
STATES = ("equal", "different", "missing", "new")
# Names that safetensors gives to types that numpy has; of others only the bytes are compared.
TENSOR_TYPES = {
    **{f"F{8 * size}": f"<f{size}" for size in (2, 4, 8)},
    **{f"I{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"U{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
    "BOOL": "?",
}
# Differences of one file that are told.
FEW = 8
# Values compared at once: datasets on disk may be larger than memory.
BLOCK = 2**24


@dataclass(frozen=True)
class Pair:
    """An output of the run before and its counterpart after it."""

    path: str
    before: Path
    after: Path
    model: str | None = None


def outputs(root: Path) -> set[str]:
    """Paths of a run's outputs, relative to its root."""
    return {
        path.relative_to(root).as_posix()
        for folder in FOLDERS
        for path in (root / folder).rglob("*")
        if path.is_file() and path.name not in NOT_OUTPUTS
    }


def moved(path: str, prefixes: Mapping[str, str]) -> str:
    """Path of an output in the run after; the longest prefix decides."""
    for old in sorted(prefixes, key=len, reverse=True):
        if path == old or path.startswith(f"{old}/"):
            return prefixes[old] + path[len(old) :]
    return path


def shown(names: Iterable[Any]) -> str:
    """Name the first few of many."""
    names = [str(name) for name in names]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def told(found: list[str]) -> list[str]:
    """Tell the first few of many differences."""
    more = len(found) - FEW
    return [*found[:FEW], f"and {more} more differences"] if more > 0 else found


def differing_names(before: Collection[str], after: Collection[str], what: str) -> list[str]:
    """Say which names only one side has."""
    sides = {
        "missing": [name for name in before if name not in after],
        "new": [name for name in after if name not in before],
    }
    return [f"{what} {side}: {shown(names)}" for side, names in sides.items() if names]


def blocks(before: Any, after: Any) -> Iterator[Any]:
    """Indices of parts of two arrays of the same shape that are small enough to be read."""
    chunks = getattr(before, "chunks", None)
    if chunks and chunks == getattr(after, "chunks", None) and before.fillvalue == after.fillvalue:
        # Datasets may be mostly empty: what neither file stores is equal.
        places: set[tuple[int, ...]] = set()
        for dataset in (before, after):
            dataset.id.chunk_iter(lambda chunk: places.add(chunk.chunk_offset))
        for place in sorted(places):
            yield tuple(slice(start, start + n) for start, n in zip(place, chunks, strict=True))
    elif before.shape:
        rows = max(1, BLOCK // max(1, int(np.prod(before.shape[1:]))))
        for start in range(0, before.shape[0], rows):
            yield slice(start, start + rows)
    else:
        yield ()


def unequal(before: np.ndarray, after: np.ndarray, bits: bool) -> np.ndarray:
    """Mark the values that differ: by their bits, or with NaN equal to NaN."""
    if bits:
        unsigned = f"u{before.dtype.itemsize}"
        return np.asarray(before.view(unsigned) != after.view(unsigned))
    missing = (before != before) & (after != after)  # noqa: PLR0124
    return np.asarray((before != after) & ~missing)


def largest(before: np.ndarray, after: np.ndarray) -> float:
    """Largest absolute difference between numbers; NaN where there is none."""
    if before.dtype.kind not in "biuf":
        return np.nan
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(before.astype(float) - after.astype(float))
    known = apart[~np.isnan(apart)]
    return float(known.max()) if known.size else np.nan


def differing_values(before: Any, after: Any, bits: bool) -> str:
    """Say how two arrays differ; nothing if they are equal."""
    if before.dtype != after.dtype:
        return f"type {before.dtype} -> {after.dtype}"
    if before.shape != after.shape:
        return f"shape {before.shape} -> {after.shape}"
    count, most = 0, np.nan
    for block in blocks(before, after):
        old, new = np.asarray(before[block]), np.asarray(after[block])
        found = unequal(old, new, bits)
        if found.any():
            count += int(found.sum())
            most = float(np.fmax(most, largest(old[found], new[found])))
    apart = "" if np.isnan(most) else f", at most {most:g} apart"
    return f"{count} of {before.size} values differ{apart}" if count else ""


def differing_arrays(
    before: Mapping[str, Any], after: Mapping[str, Any], bits: bool = False
) -> list[str]:
    """Say how arrays differ from those of the same name."""
    shared = [
        (name, differing_values(before[name], after[name], bits))
        for name in before
        if name in after
    ]
    return [
        *differing_names(before, after, "arrays"),
        *(f"{name}: {how}" for name, how in shared if how),
    ]


def tensors(pair: Pair) -> list[str]:
    """Compare the bits of tensors, by name."""
    return differing_arrays(read_tensors(pair.before), read_tensors(pair.after), bits=True)


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a file; types that numpy lacks as bytes."""
    found = {}
    for name, tensor in deserialize(path.read_bytes()):
        known = TENSOR_TYPES.get(tensor["dtype"])
        values = np.frombuffer(tensor["data"], known or "u1")
        label = name if known else f"{name} ({tensor['dtype']} {tensor['shape']})"
        found[label] = values.reshape(tensor["shape"]) if known else values
    return found


def pictures(pair: Pair) -> list[str]:
    """Compare the pixels of pictures."""
    return differing_arrays(read_picture(pair.before), read_picture(pair.after))


def read_picture(path: Path) -> dict[str, np.ndarray]:
    """Read the pixels of a picture, in colour and with opacity."""
    with Image.open(path) as image:
        return {"pixels": np.asarray(image.convert("RGBA"))}


def volumes(pair: Pair) -> list[str]:
    """Compare the values of images of the brain, and where they lie."""
    return differing_arrays(read_volume(pair.before), read_volume(pair.after))


def read_volume(path: Path) -> dict[str, np.ndarray]:
    """Read an image of the brain."""
    image: Any = nibabel.load(path)
    return {"data": np.asanyarray(image.dataobj), "affine": image.affine}


def matfiles(pair: Pair) -> list[str]:
    """Compare the variables of MATLAB files, down to every field and cell."""
    return differing_arrays(read_variables(pair.before), read_variables(pair.after))


def read_variables(path: Path) -> dict[str, np.ndarray]:
    """Read the variables of a MATLAB file as plain arrays."""
    return dict(leaves({k: v for k, v in loadmat(path).items() if not k.startswith("__")}))


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Plain arrays within dictionaries, structures and cells, by their place."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(part, f"{name}.{key}" if name else str(key))
        return
    array = np.asarray(value)
    if array.dtype.names:
        for field in array.dtype.names:
            yield from leaves(array[field], f"{name}.{field}")
    elif array.dtype == object:
        yield f"{name}.cells", np.array(array.shape)
        for place in np.ndindex(array.shape):
            yield from leaves(array[place], f"{name}{list(place)}")
    else:
        yield name, array


def datasets(pair: Pair) -> list[str]:
    """Compare the datasets of HDF5 files, part by part."""
    with h5py.File(pair.before) as before, h5py.File(pair.after) as after:
        return differing_arrays(datasets_of(before), datasets_of(after))


def datasets_of(file: h5py.File) -> dict[str, Any]:
    """Datasets of an open file by their path; none is read."""
    names: list[str] = []
    file.visit(names.append)
    return {name: file[name] for name in names if isinstance(file[name], h5py.Dataset)}


def arrays(pair: Pair) -> list[str]:
    """Compare arrays saved by numpy."""
    before, after = (np.load(path, allow_pickle=False) for path in (pair.before, pair.after))
    return differing_arrays({"values": before}, {"values": after})


def documents(pair: Pair) -> list[str]:
    """Compare the values of JSON files; the order of keys does not matter."""
    before, after = (
        dict(entries(json.loads(path.read_text()))) for path in (pair.before, pair.after)
    )
    differing = [
        f"{name}: {before[name]!r} -> {after[name]!r}"
        for name in before
        if name in after and not same(before[name], after[name])
    ]
    count = [f"{len(differing)} of {len(before)} values differ: {shown(differing)}"]
    return [*differing_names(before, after, "entries"), *(count if differing else [])]


def entries(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Values of a JSON document by their place."""
    parts = dict(enumerate(value)) if isinstance(value, list) else value
    if not isinstance(parts, dict) or not parts:
        yield name, value
        return
    for key, part in parts.items():
        yield from entries(part, f"{name}.{key}" if name else str(key))


def same(before: Any, after: Any) -> bool:
    """Whether two values are of one type and equal; NaN equals NaN."""
    both_missing = before != before and after != after  # noqa: PLR0124
    return type(before) is type(after) and (before == after or both_missing)


def texts(pair: Pair) -> list[str]:
    """Compare files line by line."""
    before, after = (
        path.read_bytes().decode().splitlines(keepends=True) for path in (pair.before, pair.after)
    )
    lines = enumerate(zip_longest(before, after, fillvalue=""), start=1)
    differing = [(number, old, new) for number, (old, new) in lines if old != new]
    if not differing:
        return []
    number, old, new = differing[0]
    alike = takewhile(lambda both: both[0] == both[1], zip(old, new, strict=False))
    start = max(0, len(list(alike)) - 20)
    excerpt = f"{old[start : start + 60]!r} -> {new[start : start + 60]!r}"
    sizes = f"{len(before)} lines -> {len(after)}, " if len(before) != len(after) else ""
    return [f"{sizes}{len(differing)} lines differ, the first is {number}: {excerpt}"]


def text_tables(pair: Pair) -> list[str]:
    """Compare the text of tables, and say which columns differ."""
    differing = texts(pair)
    if not differing:
        return []
    separator = "\t" if pair.before.suffix == ".tsv" else ","
    before, after = (
        pd.read_csv(path, sep=separator, keep_default_na=False, na_values=[""])
        for path in (pair.before, pair.after)
    )
    return [*differing, *differing_frames(before, after)]


def tables(pair: Pair) -> list[str]:
    """Compare tables: columns in order, their types, and every value."""
    before, after = (pd.read_parquet(path) for path in (pair.before, pair.after))
    renamed = RENAMED.get(pair.path, {})
    before = before.rename(columns=renamed)
    if pair.path not in SEVERAL_MODELS:
        return differing_frames(before, after)
    models = [pair.model] if pair.model else list(before["model"].unique())
    if len(models) != 1:
        return differing_frames(before, after)
    before, chosen = (rows_of(frame, models[0]) for frame in (before, after))
    if before.empty:
        return [f"no rows of {models[0]}"]
    if len(chosen) < len(after):
        others = f"{len(after) - len(chosen)} rows of other models than {models[0]}"
        click.echo(f"note: {pair.path}: {others} are not compared", err=True)
    return differing_frames(before, chosen)


def rows_of(frame: pd.DataFrame, model: str) -> pd.DataFrame:
    """Rows of a model, numbered anew."""
    return frame[frame["model"] == model].reset_index(drop=True)


def differing_frames(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Say how two tables differ."""
    found = differing_names(before.columns, after.columns, "columns")
    shared = [name for name in before.columns if name in after.columns]
    if shared != [name for name in after.columns if name in shared]:
        found.append(f"columns in another order: {shown(after.columns)}")
    if len(before) != len(after):
        return [*found, f"{len(before)} rows -> {len(after)}"]
    if not before.index.equals(after.index):
        found.append("another index")
    columns = ((name, differing_column(before[name], after[name])) for name in shared)
    return [*found, *(f"{name}: {how}" for name, how in columns if how)]


def differing_column(before: pd.Series, after: pd.Series) -> str:
    """Say how two columns of the same length differ; nothing if they are equal."""
    if before.dtype != after.dtype:
        return f"type {before.dtype} -> {after.dtype}"
    if before.array.equals(after.array):
        return ""
    old, new = before.reset_index(drop=True), after.reset_index(drop=True)
    found = (old.ne(new).fillna(True) & ~(old.isna() & new.isna())).to_numpy(bool)
    apart = np.nan
    if pd.api.types.is_numeric_dtype(before):
        numbers = (column[found].to_numpy(float, na_value=np.nan) for column in (old, new))
        apart = largest(*numbers)
    return f"{found.sum()} rows differ" + ("" if np.isnan(apart) else f", at most {apart:g} apart")


def raw_bytes(pair: Pair) -> list[str]:
    """Say that files that no other comparison reads differ; equal ones never get here."""
    return [f"{pair.before.stat().st_size} bytes -> {pair.after.stat().st_size}, not equal"]


Comparison = Callable[[Pair], list[str]]
# The kind of a file and how it is compared, by the end of its name.
KINDS: dict[str, tuple[str, Comparison]] = {
    ".parquet": ("parquet", tables),
    ".safetensors": ("safetensors", tensors),
    ".json": ("json", documents),
    ".png": ("png", pictures),
    ".nii": ("nifti", volumes),
    ".nii.gz": ("nifti", volumes),
    ".mgz": ("mgh", volumes),
    ".mat": ("mat", matfiles),
    ".hdf5": ("hdf5", datasets),
    ".h5": ("hdf5", datasets),
    ".npy": ("npy", arrays),
    ".csv": ("csv", text_tables),
    ".tsv": ("tsv", text_tables),
    ".html": ("html", texts),
    ".txt": ("text", texts),
    ".md": ("text", texts),
    ".ctab": ("text", texts),
}


def kind_of(path: str) -> tuple[str, Comparison]:
    """Kind of a file, and how it is compared."""
    name = PurePosixPath(path).name
    return next((KINDS[end] for end in KINDS if name.endswith(end)), ("other", raw_bytes))


def differences(pair: Pair) -> list[str]:
    """Say how an output differs from its counterpart; nothing if they are equal."""
    if filecmp.cmp(pair.before, pair.after, shallow=False):
        return []
    try:
        return kind_of(pair.path)[1](pair)
    except Exception as error:  # a broken file must not hide the others
        return [f"cannot be compared: {type(error).__name__}: {error}"]


def compare(
    before: Path, after: Path, prefixes: Mapping[str, str], model: str | None
) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Compare two runs.

    Returns
    -------
    counts : Counter
        Number of files by kind and state.
    lines : list of str
        A line for every file that differs or is missing, and for every folder with new ones.
    """
    counts: Counter[tuple[str, str]] = Counter()
    lines: list[str] = []
    old, new = outputs(before), outputs(after)
    targets = {path: moved(path, prefixes) for path in sorted(old)}
    for path, target in targets.items():
        pair = Pair(path, before / path, after / target, model)
        found = differences(pair) if target in new else []
        state = "missing" if target not in new else "different" if found else "equal"
        counts[kind_of(path)[0], state] += 1
        name = path if path == target else f"{path} -> {target}"
        if state != "equal":
            lines.append("; ".join([f"{state} {name}", *told(found)]))
    added = sorted(new - set(targets.values()))
    counts.update((kind_of(path)[0], "new") for path in added)
    folders = Counter(str(PurePosixPath(path).parent) for path in added)
    return counts, [*lines, *(f"new {folder}: {n} files" for folder, n in folders.items())]


@click.command()
@click.argument("before", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("after", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--map", "maps", multiple=True, metavar="OLD=NEW", help="Where outputs went.")
@click.option("--model", help="Compare the rows of this model only, in tables of several.")
def main(before: Path, after: Path, maps: tuple[str, ...], model: str | None) -> None:
    """Compare the outputs of two runs, value by value."""
    wrong = [text for text in maps if text.count("=") != 1]
    if wrong:
        raise click.UsageError(f"not OLD=NEW: {shown(wrong)}")
    if not outputs(before):
        raise click.UsageError(f"no outputs in {before}")
    prefixes = MOVED | dict(text.rstrip("/").split("=") for text in maps)
    counts, lines = compare(before, after, prefixes, model)
    for kind in sorted({kind for kind, _ in counts}):
        numbers = ", ".join(f"{counts[kind, state]} {state}" for state in STATES)
        click.echo(f"{kind}: {numbers}")
    for line in lines:
        click.echo(line)
    sys.exit(any(counts[key] for key in counts if key[1] in {"different", "missing"}))


if __name__ == "__main__":
    main()
