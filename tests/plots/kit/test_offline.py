import re
import shutil
import subprocess

import pytest
from dvc_render.html import render_html
from dvc_render.vega import VegaRenderer

from stages.plots.kit.offline import offline_page
from stages.plots.story.tables import encoding_table
from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def page():
    return offline_page()


def test_the_page_has_one_place_for_the_plots(page):
    assert page.count("{plot_divs}") == 1
    assert "{scripts}" not in page  # where DVC would put scripts from a network


def test_the_page_carries_its_renderer(page):
    assert page.count("</script>") == 1  # nothing in the bundle ends it early
    for name in ("vega", "vegaLite", "vegaEmbed"):
        assert re.search(rf"window\.{name}\s*=", page)


def test_the_page_loads_nothing(page):
    head = re.sub(r"<script type=\"text/javascript\">.*</script>", "", page, flags=re.DOTALL)
    assert "src" not in head
    assert "href" not in head
    assert "url(" not in head


def test_the_page_is_the_same_every_time(page):
    assert offline_page() == page


@pytest.mark.slow
def test_a_browser_without_a_network_draws_the_plots(page, encoded, tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser here: install chromium")
    table = encoding_table(encoded()).astype(str).assign(rev="workspace").to_dict("records")
    places = {"template_dir": str(PROJECT / ".dvc" / "plots"), "title": "title"}
    plots = [
        VegaRenderer(table, "map", template="heatmap", x="layer", y="region", **places),
        VegaRenderer(table, "curves", template="layers", x="layer_number", y="score", **places),
    ]
    (tmp_path / "template.html").write_text(page, encoding="utf-8")
    render_html(plots, tmp_path / "index.html", tmp_path / "template.html")
    switches = ["headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "dump-dom"]
    options = [f"user-data-dir={tmp_path / 'profile'}", "virtual-time-budget=8000"]
    options += ["host-resolver-rules=MAP * ~NOTFOUND"]
    line = [browser, *(f"--{word}" for word in [*switches, *options])]
    line.append((tmp_path / "index.html").as_uri())
    shown = subprocess.run(line, capture_output=True, text=True, check=True, timeout=120)
    pictures = re.findall(r"<svg\b.*?</svg>", shown.stdout, flags=re.DOTALL)
    assert sum('class="marks"' in picture for picture in pictures) == len(plots)
    for text in ("Angular R", "nuisance", "workspace"):
        assert sum(f">{text}<" in picture for picture in pictures) == len(plots)
