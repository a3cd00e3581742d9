"""The page of real recordings: made by its stage of what the stages found, opened in a browser.

Alice and the 92 images are those of the tests of their studies, so that the run cache has them.
"""

import re

import pandas as pd
import pytest

from tests.e2e.test_scene_study import FEW
from tests.e2e.test_story_study import ALICE

pytestmark = pytest.mark.slow

LANGUAGE = ("language.recordings=[sherlock2017]", "language.zoo=[minilm]")
PAGE_BYTES = 5_000_000


@pytest.fixture
def real(small, back, mirror):
    """Alice, the 92 images and Sherlock, and the page of them."""
    small.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    settings = (*ALICE, "scene.dataset=kriegeskorte2008", FEW, *LANGUAGE)
    small.experiment(*settings, targets=("ladder",))
    small.run("dvc", "repro", "data/language/dvc.yaml:survey_language")
    small.run("dvc", "repro", "report/dvc.yaml")
    return small


def test_alice_sherlock_and_the_92_images_on_one_page(real, browse):
    results, page = real.folder / "data/results", real.folder / "report/index.html"
    assert page.stat().st_size < PAGE_BYTES

    def seen(state):
        body, console, asked = browse(page, state)
        assert not console
        assert not asked
        return body

    body = seen("view=story&model=minilm&metric=r&area=LPTL")
    assert "recording alice" in body
    assert "None: this recording was skipped" in body
    table = pd.read_parquet(results / "encode.parquet").query(
        "subject == 'group' and metric == 'r'"
    )
    row = table.query("model == 'minilm' and region == 'LPTL' and layer == 'layer_03'").iloc[0]
    assert row["score"] == pytest.approx(0.38, abs=0.01)  # as published
    assert f'title="LPTL, layer_03: {row["score"]:.3f}, chance {row["null_mean"]:.3f}' in body

    body = seen("view=cortex&metric=rsa_spearman&model=efficientnet&who=group&area=human_IT")
    assert "No surface is here" in body
    curve = body[body.index("human_IT: all models, rsa_spearman") : body.index("All areas")]
    found = re.search(r"efficientnet</button></th><td[^>]*>vision</td><td[^>]*>([\d.]+)", curve)
    assert float(found[1]) == pytest.approx(0.388, abs=0.01)  # as published
