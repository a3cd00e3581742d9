"""Files that may be absent: a link that leads nowhere is no absence, where one would change what
comes out."""

import pytest

from stages.core.activations.activations import read_failure
from stages.core.activations.surprisal import read_surprisal
from stages.core.pictures.surfaces import read_surfaces
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there
from stages.plant.planting import planted_regions
from stages.prepare.atlases.label_tables import find_table
from stages.report.provenance import read_stages
from stages.share.known_places import is_simulated, sources_of

READERS = {
    "failure.json": read_failure,
    "surprisal.parquet": lambda folder: read_surprisal(folder, ["a"]),
    "surface.parquet": read_surfaces,
    "truth.json": planted_regions,
    "sources.json": lambda folder: sources_of("nsd", folder),
    "dvc.lock": lambda folder: read_stages([folder / "dvc.lock"]),
    "atlas-A_dseg.tsv": lambda folder: find_table(folder / "atlas-A_dseg.nii.gz", folder),
}


@pytest.mark.parametrize("name", READERS)
def test_a_broken_link_is_told(tmp_path, name):
    (tmp_path / name).symlink_to(tmp_path / "cache" / "gone")
    with pytest.raises(InputError, match=f"link that leads nowhere in .*{name}"):
        READERS[name](tmp_path)


def test_nothing_is_nothing_and_a_link_is_what_it_leads_to(tmp_path):
    assert not lies_there(tmp_path / "truth.json")
    assert not is_simulated(tmp_path)
    (tmp_path / "kept").write_text("{}")
    (tmp_path / "truth.json").symlink_to(tmp_path / "kept")
    assert is_simulated(tmp_path)
    (tmp_path / "kept").unlink()
    with pytest.raises(InputError, match=r"leads nowhere.*Run `dvc checkout`, or remove it\."):
        is_simulated(tmp_path)
