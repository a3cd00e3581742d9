"""Time and memory that one whole person of NSD takes, at first and once the sessions are kept."""

from pathlib import Path

import pytest

from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.scenes import write_scenes
from tests.prepare.nsd_full_size import Size, write_release

# Peak memory allowed, in MB: the annotations of COCO, once, and a gigabyte of responses.
MEMORY = 2500


def prepare(root: Path, out: Path) -> None:
    write_scenes(out, load_nsd(root, "nsd", Selection("all", "all", "all")))


@pytest.mark.benchmark
def test_one_person_of_nsd(tmp_path, rng, monkeypatch, alone, report):
    """40 sessions, 33,000 voxels, 10,000 images of 425 × 425 pixels, 880,000 objects."""
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    write_release(tmp_path / "raw", Size(), rng)
    first, memory, _ = alone(prepare, tmp_path / "raw", tmp_path / "first")
    again, less, _ = alone(prepare, tmp_path / "raw", tmp_path / "again")
    report("NSD prepare, one person", first, again, memory, "again, with sessions kept")
    kept = tmp_path / "first" / "subj01" / "responses.safetensors"
    assert kept.read_bytes() == (tmp_path / "again" / "subj01" / kept.name).read_bytes()
    assert max(memory, less) < MEMORY
