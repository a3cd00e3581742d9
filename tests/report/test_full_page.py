"""The page of a zoo as large as any, with all that others have too."""

import nibabel
import numpy as np
import pytest

from stages.core.names.areas import AREAS
from stages.core.pictures.surfaces import STANDARD, Surface, write_surfaces
from stages.core.run.tables import write_table
from stages.decode.weight_maps import write_maps
from stages.report.decode_volumes import MOST_WEIGHTS
from tests.report.made_results import decoded, write_everything
from tests.report.made_surfaces import labels_of
from tests.report.many_models import write_many, write_many_claims

BOX, EDGE, PEOPLE = (53, 63, 46), 3.0, 8
FEATURES = ("Verbs/run", "Verbs/see")


def write_most_weights(results, rng):
    """Write maps with as many weights as a page takes, a noisy value each, in MNI152."""
    write_table(results / "decode.parquet", decoded(rng))
    affine = np.diag([EDGE, EDGE, EDGE, 1])
    affine[:3, 3] = [-78, -112, -70]
    for path in (results / "decode_maps").iterdir():
        path.unlink()
    each = MOST_WEIGHTS // (len(FEATURES) * PEOPLE)
    for place in range(PEOPLE):
        volume = np.zeros((np.prod(BOX), len(FEATURES)), np.float32)
        inside = rng.permutation(len(volume))[:each]
        volume[inside] = rng.standard_normal((each, len(FEATURES)))
        image = nibabel.Nifti1Image(volume.reshape(*BOX, len(FEATURES)), affine)
        write_maps(results / "decode_maps", f"s{place}", image, list(FEATURES))


@pytest.mark.slow
def test_500_models_of_all_that_is_shown_fit_five_megabytes_and_open(report, browse, tmp_path, rng):
    results = tmp_path / "results"
    write_everything(results, rng)
    write_many(results, rng)
    write_many_claims(results, rng)
    write_most_weights(results, rng)
    cortex = Surface(labels_of(AREAS[:180], size=50))
    write_surfaces(tmp_path / "prepared" / "nsd-simulated", {STANDARD: cortex})
    answer, page = report(results)
    assert answer.exit_code == 0
    assert 3e6 < len(page.encode()) < 5e6
    body, console, asked = browse(tmp_path / "report" / "index.html", "view=models")
    assert not console
    assert not asked
    assert "model-499" in body
    for state, shown, times in (
        ("view=holds", "2884 of 2884 rows, the first 100 here", 1),
        ("view=story", 'id="slice-', 3),
        ("view=cortex", "<canvas", 4),
    ):
        body, console, _ = browse(tmp_path / "report" / "index.html", state)
        assert not console
        assert body.count(shown) == times
