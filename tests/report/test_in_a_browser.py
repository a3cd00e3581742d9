"""The page, opened in a browser without a network."""

import base64
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from stages.core.pictures.surfaces import STANDARD, Surface, write_surfaces
from stages.core.run.tables import write_table
from stages.report import packed_tables
from stages.report.claim_rows import read_claims
from tests.conftest import PROJECT
from tests.report.committed_study import commit_study
from tests.report.made_results import (
    ATTACK,
    write_everything,
    write_ladder,
    write_language,
    write_story,
)
from tests.report.made_surfaces import labels_of

MISSING = "–"
USE = Path(__file__).with_name("use_the_page.js")
REGIONS = tuple(f"R{place:02}" for place in range(40))


@pytest.mark.slow
def test_a_page_that_asks_for_something_is_found_out(browse, tmp_path):
    page = tmp_path / "asks.html"
    page.write_text('<img src="https://example.org/a.png"><script>nothing()</script>')
    _, console, asked = browse(page, "")
    assert asked == {"https://example.org/a.png"}
    assert "nothing is not defined" in console[0]


@pytest.mark.slow
def test_a_browser_shows_the_numbers_and_asks_for_nothing(
    report, browse, tmp_path, rng, monkeypatch
):
    survey = write_everything(tmp_path / "results", rng, ("A", ATTACK))
    late = {"onset_delay": 0.45, "onset_delay_low": 0.2, "onset_delay_high": 0.7}
    planted = {"planted_lead": 1.25, "lead_heldout_loss": 0.84}
    (tmp_path / "metrics/trajectory.json").write_text(json.dumps({"story.planted": late | planted}))
    regions = list(survey.best["region"].unique())
    write_surfaces(tmp_path / "prepared/nsd-simulated", {STANDARD: Surface(labels_of(regions))})
    assert report(tmp_path / "results")[0].exit_code == 0
    page = tmp_path / "report" / "index.html"

    body, console, asked = browse(page, "view=cortex&model=clip&tower=language&who=subj02&area=V4")
    assert not console
    assert not asked
    best = survey.best
    row = best[
        (best["model"] == "clip") & (best["modality"] == "language") & (best["subject"] == "subj02")
        & (best["region"] == "V4") & (best["metric"] == "cka_linear")
    ]  # fmt: skip
    areas = body[body.index("All areas: clip") :]
    cells = re.search(r'aria-current="true">(.*?)</tr>', areas)[1]
    assert f'<td class="number">{row["score"].item():.3f}</td>' in cells
    assert body.count("<canvas") == 4

    body, console, _ = browse(page, "view=training&line=story: planted")
    assert not console
    told = "in the planted family by 0.5 octaves (95 % interval 0.200 to 0.700)"
    assert f"{told}, and its lead of 1.3 is read as 0.8" in body

    monkeypatch.setattr(packed_tables, "LARGE", 1)
    assert report(tmp_path / "results")[0].exit_code == 0
    body, console, _ = browse(page, "view=holds&of=story&kind=predicts&model=big&area=A")
    assert not console
    assert 'id="view" data-view="holds"' in body
    assert '<td class="number">0.600</td><td class="number">0.500 to 0.700</td>' in body
    assert ATTACK.replace("<", "&lt;").replace(">", "&gt;") in body
    assert "<script>alert" not in body
    assert "tab-against" not in body

    study = tmp_path / "study"
    committed = (PROJECT / "params.yaml").read_text()
    commit_study(study, committed)
    (study / "params.yaml").write_text(committed.replace("model: minilm", "model: gpt2", 1))
    beside = ("--metrics", study / "metrics", "--params", study / "params.yaml")
    assert report(tmp_path / "results", *map(str, beside), "--against", "first")[0].exit_code == 0
    body, console, asked = browse(page, "view=against")
    assert not console
    assert not asked
    assert 'id="view" data-view="against"' in body
    assert "<tr><td>model</td><td>minilm</td><td>gpt2</td></tr>" in body
    numbers = ["0.5000", "0.7500", "0.2500"]
    cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
    assert f'<td class="text">score</td>{cells}' in body
    assert (
        f'gone</td><td class="number">1</td>{f"""<td class="number">{MISSING}</td>""" * 2}' in body
    )
    assert "<td>story.json</td><td>lines</td><td>after</td><td>three</td>" in body
    assert "“As &lt;b&gt;before&lt;/b&gt;”" in body


@pytest.mark.slow
def test_a_browser_shows_heads_profiles_and_recordings(report, browse, tmp_path, rng):
    write_story(tmp_path / "results", rng)
    write_language(tmp_path / "results")
    roll = pd.read_parquet(tmp_path / "results" / "models.parquet")
    write_table(tmp_path / "results" / "models.parquet", roll.assign(string=roll["model"]))
    raw = tmp_path / "raw" / "simulated"
    raw.mkdir(parents=True)
    regions = {"A": {"driver": "layer", "layer": "layer_01"}, "B": {"driver": "nothing"}}
    (raw / "truth.json").write_text(json.dumps({"model": "big", "regions": regions}))
    assert report(tmp_path / "results", "--raw", str(raw.parent))[0].exit_code == 0
    page = tmp_path / "report" / "index.html"

    body, console, asked = browse(page, "view=story&model=big&feature=Verbs&profile=spearman")
    assert not console
    assert not asked
    curve = body[body.index("Regions predicted") : body.index("Features read")]
    assert re.findall(r"</svg>([^<]+)</span>", curve) == ["big", "big+untrained", "chance, 95 %"]
    table = pd.read_parquet(tmp_path / "results" / "profile.parquet")
    row = table[
        (table["subject"] == "group") & (table["region"] == "A") & (table["layer"] == "layer_02")
        & (table["family"] == "all") & (table["metric"] == "spearman")
    ]  # fmt: skip
    said = f"A, layer_02: {row['score'].item():.3f}, chance 0.020, ceiling 0.900, q .010"
    assert f'title="{said}"' in body[body.index("Profiles of regions") :]
    heads = body[body.index("attention heads of big") : body.index("The best head")]
    assert re.findall(r'title="[^"]*; (\d) of 2 features stand"', heads) == ["2", "0", "0"] * 2
    assert body.count("<canvas") == 3
    assert re.findall(r'title="([^:"]*):[^"]*; planted" class="planted"', body) == ["A, layer_01"]
    assert "what was planted in A is layer_01 of big, where the upright line stands." in body
    assert '<line class="cursor"' in curve

    # The largest weight; then voxels that the address names, one of which has none.
    body, console, _ = browse(page, "view=story&brain=s0&target=Verbs/see")
    assert not console
    assert "At 24, -44, -16 mm (to the right, front and top): weight -3." in body
    body, console, _ = browse(page, "view=story&target=Verbs/run&voxel=0,2,3")
    assert not console
    assert "At 12, -40, -4 mm (to the right, front and top): weight 0.130." in body
    body, console, _ = browse(page, "view=story&target=Verbs/run&voxel=0,0,0")
    assert "At 12, -44, -16 mm (to the right, front and top): not decoded." in body

    body, console, asked = browse(page, "view=language&quantity=score&model=reader&area=A")
    assert not console
    assert not asked
    assert 'title="A, reader: 0.300, chance of r –, ceiling 0.500"' in body
    assert "1 of 2 regions stand" in body
    assert '<td class="number">0.125</td>' in body
    assert '<td class="number">0.875</td>' in body


@pytest.mark.slow
def test_the_page_is_used_by_keys_and_links_and_on_paper(report, browse, tmp_path, rng):
    survey = write_everything(tmp_path / "results", rng)
    write_ladder(tmp_path / "results", REGIONS)
    areas = list(survey.best["region"].unique())
    write_surfaces(tmp_path / "prepared/nsd-simulated", {STANDARD: Surface(labels_of(areas))})
    page = report(tmp_path / "results")[1]
    page = re.sub(r"<meta http-equiv[^>]*>", "", page)  # which lets no other script run
    used = tmp_path / "used.html"
    script = f"<script>{USE.read_text()}</script></body>"
    used.write_text(page.replace("</body>", script), encoding="utf-8")
    body, console, _ = browse(used, "")
    assert not console
    told = json.loads(base64.b64decode(re.search(r'<pre id="told">([^<]*)', body)[1]))

    title = "What holds – Concord: report"
    as_left = {"focus": True, "scrolled": True, "open": True, "current": True, "title": title}
    assert told["chosen"] == as_left | {"details": 0}
    claims = pd.read_csv(io.StringIO(told["claims"]["text"]))
    first = read_claims([tmp_path / "results" / "ladder"])["claims"]
    for name in ("score", "low", "high", "share"):
        assert list(claims[name]) == pytest.approx(list(first[name]), nan_ok=True)
    assert list(claims["first_failed"].fillna("")) == list(first["first_failed"])
    assert told["models"]["name"] == "models.csv"
    saved = pd.read_csv(io.StringIO(told["models"]["text"]))
    means = survey.means.query("model == 'clip' and metric == 'cka_linear'")
    scores = means.groupby("modality")["score"].mean().sort_values(ascending=False)
    assert list(saved["modality"]) == list(scores.index)
    assert list(saved["score"]) == pytest.approx(list(scores))
    assert (saved[["study", "model"]] == ["scene", "clip"]).all(axis=None)
    assert (saved["regions"] == len(areas)).all()
    assert told["axes"] == ["parameters", "width", "layers"]  # no bits per byte of images
    assert told["unmet"] == [
        "Asked for by the address, and not here: model “nobody” (shown: efficientnet)."
    ]
    assert told["pictures"] == ["left ventral", "left dorsal", "right dorsal", "right ventral"]
    assert told["slid"] == ["step 0 (0 seen)", "#view=training&step=0"]
    assert told["wide"] == []
    assert told["ground"] == "rgb(255, 255, 255)"
