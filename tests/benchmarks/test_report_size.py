"""Size of the page, and time to make it, for 500 models, 180 areas and 8 people."""

from time import perf_counter

import pytest

from stages.report.packed_tables import embedded_all
from stages.report.page_file import make_page
from stages.report.scene_rows import read_scene
from tests.report.many_models import write_many

pytestmark = pytest.mark.benchmark

MOST_BYTES, MOST_SECONDS = 5e6, 30


def test_a_large_zoo_makes_a_small_page(tmp_path, rng):
    write_many(tmp_path, rng)
    start = perf_counter()
    tables = read_scene(tmp_path / "survey", "cka_linear")
    page = make_page({"tables": embedded_all(tables)})
    seconds = perf_counter() - start
    assert len(tables["places"]) == 500 * 180 * 8
    print(f"{len(page) / 1e6:.2f} MB in {seconds:.1f} s")
    assert len(page) < MOST_BYTES
    assert seconds < MOST_SECONDS
