"""The page of a zoo as large as any, with all that others have too."""

import nibabel
import numpy as np
import pytest

from stages.core.run.tables import write_table
from stages.decode.weight_maps import write_maps
from stages.report.decode_volumes import MOST_WEIGHTS
from tests.report.made_results import decoded, write_everything
from tests.report.many_models import write_many

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
def test_500_models_weights_and_anatomy_fit_five_megabytes_and_open(report, browse, tmp_path, rng):
    results = tmp_path / "results"
    write_everything(results, rng)
    write_many(results, rng)
    write_most_weights(results, rng)
    answer, page = report(results)
    assert answer.exit_code == 0
    assert 3e6 < len(page.encode()) < 5e6
    body, console, asked = browse(tmp_path / "report" / "index.html", "view=models")
    assert not console
    assert not asked
    assert "model-499" in body
    body, console, _ = browse(tmp_path / "report" / "index.html", "view=story")
    assert not console
    assert body.count('id="slice-') == 3
