"""The 92 images, and the page of real recordings: made by its stage, opened in a browser.

Alice is that of the tests of her study, so that the run cache has her, as it has the images.
"""

import re
import shutil

import pandas as pd
import pytest

from tests.e2e.test_story_study import ALICE

pytestmark = pytest.mark.slow

HUMAN = [0.155, 0.150, 0.171, 0.198, 0.213, 0.388, 0.258]
MONKEY = [0.189, 0.120, 0.154, 0.200, 0.215, 0.436, 0.293]
FEW = "zoo=[efficientnet,efficientnet-untrained-0]"
# A few numbers that stand for words, so that it takes seconds.
LANGUAGE = ("language.recordings=[sherlock2017]", "language.zoo=[control-random]")
TARGETS = ("roll_story", "roll_scene", "ladder", "data/language/dvc.yaml:survey_language")
# What is of the recordings before, which the page refuses until it is removed or made anew.
OF_OTHERS = ("trajectory", "ladder_training")
PAGE_BYTES = 5_000_000


def test_the_92_images(small, back, mirror):
    """Real brains: every block as published, and trained above untrained where it is late."""
    small.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    small.experiment("scene.dataset=kriegeskorte2008", FEW, targets=("roll_scene",))
    scores = pd.read_parquet(small.folder / "data/results/survey/scores.parquet")
    spearman = scores[(scores["metric"] == "rsa_spearman") & (scores["kind"] == "layer")]
    blocks = spearman.pivot_table(index="layer", columns=["model", "subject"], values="score")
    for subject, published in (("group", HUMAN), ("monkey", MONKEY)):
        trained = blocks["efficientnet", subject]
        assert trained.to_list() == pytest.approx(published, abs=0.01)
        late = trained > blocks["efficientnet-untrained-0", subject]
        assert late[["blocks.4", "blocks.5", "blocks.6"]].sum() >= (3 if subject == "group" else 2)
    people = spearman[spearman["subject"].isin(["BE", "KO", "SN", "TI"])]
    assert (people["ceiling_kind"] == "nili_lower").all()
    means = pd.read_parquet(small.folder / "data/results/survey/means.parquet")
    means = means[(means["model"] == "efficientnet") & (means["metric"] == "rsa_spearman")]
    best = dict(zip(means["region"], means["best_layer"], strict=True))
    assert best == dict.fromkeys(("human_IT", "monkey_IT"), "blocks.5")
    assert (small.folder / "plots/align/layers.png").exists()
    assert small.metrics("recover_scene") == {"truth": "not simulated"}


@pytest.fixture
def real(small, back, mirror):
    """Alice, the 92 images and Sherlock, and the page of them."""
    small.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    settings = (*ALICE, "scene.dataset=kriegeskorte2008", FEW, *LANGUAGE)
    small.experiment(*settings, targets=TARGETS)
    for name in OF_OTHERS:
        shutil.rmtree(small.folder / "data/results" / name, ignore_errors=True)
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

    body = seen("view=cortex&metric=rsa_spearman&model=efficientnet&area=monkey_IT")
    assert "No surface is here" in body
    here = body[body.index("monkey_IT: all models, rsa_spearman") : body.index("All areas")]
    cells = re.search(r"efficientnet</button></th>(.*?)</tr>", here)[1]
    score = float(re.findall(r"<td[^>]*>(0\.\d+)</td>", cells)[0])
    assert score == pytest.approx(max(MONKEY), abs=0.01)

    body = seen("view=language&quantity=score&recording=sherlock2017&model=control-random")
    table = pd.read_parquet(results / "language/scores.parquet").set_index("region")
    heard = table.loc["aud_early"]
    assert heard["ceiling"] > 0.9  # 17 people, whose reliability is .93
    assert f'title="aud_early, control-random: {heard["score"]:.3f}' in body
    assert "17 or 4 people" in body
