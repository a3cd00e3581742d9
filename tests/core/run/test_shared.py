import gc
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import save_file

from stages.core.run.shared import Shared
from stages.core.run.tensors import map_tensor


@dataclass(frozen=True)
class Study:
    series: np.ndarray
    turned: np.ndarray
    part: np.ndarray
    table: pd.DataFrame
    few: np.ndarray


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    folder = tmp_path / "scratch"
    monkeypatch.setenv("CONCORD_SCRATCH", str(folder))
    return folder


@pytest.fixture
def study(rng):
    values = rng.standard_normal((300, 40))
    table = pd.DataFrame({"id": [f"w{k}" for k in range(900)], "x": rng.standard_normal(900)})
    return Study(values, np.asfortranarray(values), values[:, ::2], table, np.arange(3))


def test_here_it_is_the_value_itself_and_nothing_is_written(study, scratch):
    assert Shared(study).value is study
    assert not scratch.exists()


def test_elsewhere_it_is_equal_and_laid_out_alike_and_cannot_be_changed(study, scratch):
    shared = Shared(study)
    sent = pickle.dumps(shared)
    assert len(sent) < 500
    found = pickle.loads(sent).value
    for name in ("series", "turned", "part", "few"):
        assert_array_equal(getattr(found, name), getattr(study, name))
        assert type(getattr(found, name)) is np.ndarray
    assert found.turned.flags.f_contiguous
    assert not found.series.flags.writeable
    pd.testing.assert_frame_equal(found.table, study.table)


def test_it_is_written_once_and_removed_with_the_last_reference(study, scratch):
    shared = Shared(study)
    first = pickle.dumps(shared)
    assert pickle.dumps((shared, shared))
    assert pickle.dumps(shared) == first
    assert len(list(scratch.iterdir())) == 1
    found = pickle.loads(first)
    del shared
    gc.collect()
    assert not list(scratch.iterdir())
    assert_array_equal(found.value.series, study.series)  # what is mapped stays


def test_what_lies_in_a_file_is_mapped_from_there(rng, scratch, tmp_path):
    path = tmp_path / "layer.safetensors"
    save_file({"activations": rng.standard_normal((300, 40)).astype(np.float32)}, path)
    layer = map_tensor(path, "activations", "Do it.")
    shared = Shared({"whole": layer, "part": layer[5:], "turned": layer.T, "copy": layer.copy()})
    found = pickle.loads(pickle.dumps(shared)).value
    for name, values in shared.value.items():
        assert_array_equal(found[name], values)
    assert found["whole"].base.filename == path
    assert len(list(scratch.rglob("*.npy"))) == 3


def test_objects_are_pickled(scratch):
    shared = Shared(np.array(["a", None] * 2000, dtype=object))
    assert_array_equal(pickle.loads(pickle.dumps(shared)).value, shared.value)


def test_another_process_can_read_it(study, scratch):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(attrgetter("value"), Shared(study.series)).result()
    assert_array_equal(found, study.series)
