"""The golden comparison finds equal what is equal, and names what is not."""

import json

import h5py
import nibabel
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image
from safetensors.numpy import save_file
from scipy.io import savemat

from tests.golden import main


def _parquet(path, values, again):
    pd.DataFrame({"name": ["a", None, "c"], "score": values}).to_parquet(
        path, compression="gzip" if again else "snappy"
    )


def _safetensors(path, values, again):
    save_file({"x": values.astype(np.float32)}, path, {"made": "again"} if again else None)


def _json(path, values, again):
    found = {"scores": list(values), "none": {}}
    path.write_text(json.dumps(dict(reversed(found.items())) if again else found))


def _png(path, values, again):
    pixels = np.nan_to_num(np.tile(values, (4, 4))).astype(np.uint8)
    Image.fromarray(pixels).save(path, compress_level=1 if again else 9)


def _nifti(path, values, again):
    image = nibabel.Nifti1Image(values[:, None, None].astype(np.float32), np.eye(4))
    image.header["descrip"] = b"again" if again else b""
    nibabel.save(image, path)


def _mat(path, values, again):
    inner = {"field": values, "cell": np.array([values, "text"], dtype=object)}
    savemat(path, {"struct": inner}, do_compression=bool(again))


def _hdf5(path, values, again):
    with h5py.File(path, "w") as file:
        file.create_dataset("group/x", data=values, chunks=(1,) if again else None)
        file.create_dataset("names", data=["one", "two"])


def _npy(path, values, again):
    np.save(path, values)


def _csv(path, values, again):
    pd.DataFrame({"score": values}).to_csv(path, index=False)


def _text(path, values, again):
    path.write_text(f"<p>first</p>\n{list(values)}\n")


MAKERS = {
    "data/results/decode.parquet": _parquet,
    "data/results/geometry/minilm.parquet": _parquet,
    "data/raw/simulated/x.safetensors": _safetensors,
    "metrics/geometry.json": _json,
    "plots/geometry/best.png": _png,
    "data/results/maps/one.nii.gz": _nifti,
    "data/raw/simulated/one.mat": _mat,
    "data/raw/simulated/one.hdf5": _hdf5,
    "data/raw/simulated/one.npy": _npy,
    "plots/best.csv": _csv,
    "plots/best.html": _text,
    "data/results/zoo.txt": _text,
    "data/results/checked": _text,
}
VALUES = np.array([1.0, np.nan, 3.0])
OTHER = np.array([1.0, np.nan, 3.5])
# What is said of a changed value.
SAID = {
    _parquet: "score: 1 rows differ, at most 0.5 apart",
    _safetensors: "x: 1 of 3 values differ, at most 0.5 apart",
    _json: "1 of 4 values differ: scores.2: 3.0 -> 3.5",
    _png: "pixels: 48 of 192 values differ, at most 1 apart",
    _nifti: "data: 1 of 3 values differ, at most 0.5 apart",
    _mat: "struct.cell[0, 0][0, 0]: 1 of 3 values differ, at most 0.5 apart",
    _hdf5: "group/x: 1 of 3 values differ, at most 0.5 apart",
    _npy: "values: 1 of 3 values differ, at most 0.5 apart",
    _csv: "1 lines differ, the first is 4: '3.0\\n' -> '3.5\\n'; score: 1 rows differ, at most 0.5",
    _text: "1 lines differ, the first is 2: ",
}


def _renamed(path):
    return path.replace("geometry", "align")


@pytest.fixture
def runs(tmp_path):
    """Two equal runs, the later with other bytes and under new names."""
    for path, make in MAKERS.items():
        sides = (tmp_path / "before" / path, tmp_path / "after" / _renamed(path))
        for again, side in enumerate(sides):
            side.parent.mkdir(parents=True, exist_ok=True)
            make(side, VALUES, again)
    return tmp_path


def _compare(runs, *options):
    answer = CliRunner().invoke(main, [str(runs / "before"), str(runs / "after"), *options])
    return answer.exit_code, answer.output


def test_equal_runs_are_equal_whatever_their_bytes(runs):
    code, said = _compare(runs)
    assert code == 0
    assert "parquet: 2 equal, 0 different, 0 missing, 0 new" in said
    assert sum(int(line.split()[1]) for line in said.splitlines()) == len(MAKERS)


@pytest.mark.parametrize("path", MAKERS)
def test_a_changed_value_is_named(runs, path):
    changed = OTHER + 0.5 if MAKERS[path] is _png else OTHER
    MAKERS[path](runs / "after" / _renamed(path), changed, again=1)
    code, said = _compare(runs)
    assert code == 1
    lines = [line for line in said.splitlines() if line.startswith("different ")]
    assert len(lines) == 1
    assert path in lines[0]
    assert (SAID[MAKERS[path]] if "." in path else "bytes") in lines[0]


def test_only_what_a_dataset_stores_is_read(tmp_path):
    for side, number in (("before", 1), ("after", 2)):
        (tmp_path / side / "data").mkdir(parents=True)
        with h5py.File(tmp_path / side / "data/large.hdf5", "w") as file:
            made = file.create_dataset("x", (10**9, 10), dtype="i4", chunks=(4, 5))
            made[5, 7] = made[10**8, 0] = number
    code, said = _compare(tmp_path)
    assert code == 1
    assert "x: 2 of 10000000000 values differ, at most 1 apart" in said


def test_missing_files_fail_and_new_ones_do_not(runs):
    (runs / "after/plots/extra.txt").write_text("new")
    assert _compare(runs)[0] == 0
    (runs / "after/plots/best.csv").unlink()
    code, said = _compare(runs)
    assert code == 1
    assert said.splitlines()[-2:] == ["missing plots/best.csv", "new plots: 1 files"]


def test_a_map_overrules_where_outputs_went(runs):
    (runs / "after/metrics/align.json").rename(runs / "after/metrics/other.json")
    assert _compare(runs)[0] == 1
    assert _compare(runs, "--map", "metrics/geometry.json=metrics/other.json")[0] == 0


def test_what_cannot_be_read_differs(runs):
    (runs / "after/data/results/decode.parquet").write_text("broken")
    code, said = _compare(runs)
    assert code == 1
    assert "different data/results/decode.parquet; cannot be compared: " in said


def _write(root, path, frame):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(root / path)


def test_columns_are_compared_by_their_new_name_type_and_order(tmp_path):
    path = "data/results/survey/models.parquet"
    _write(tmp_path / "before", path, pd.DataFrame({"family": ["a"], "n": [1]}))
    _write(tmp_path / "after", path, pd.DataFrame({"architecture": ["a"], "n": [1]}))
    assert _compare(tmp_path)[0] == 0
    _write(tmp_path / "after", path, pd.DataFrame({"n": [1.0], "architecture": ["a"]}))
    code, said = _compare(tmp_path)
    assert code == 1
    assert "columns in another order: n, architecture; n: type int64 -> float64" in said


def test_the_rows_of_the_old_model_are_found_among_several(tmp_path):
    path = "data/results/probe.parquet"
    old = pd.DataFrame({"model": ["minilm"] * 2, "score": [1.0, 2.0]})
    other = pd.DataFrame({"model": ["noise"], "score": [3.0]})
    _write(tmp_path / "before", path, old)
    _write(tmp_path / "after", path, pd.concat([other, old], ignore_index=True))
    code, said = _compare(tmp_path)
    assert code == 0
    assert "1 rows of other models than minilm are not compared" in said
    code, said = _compare(tmp_path, "--model", "noise")
    assert code == 1
    assert "no rows of noise" in said
