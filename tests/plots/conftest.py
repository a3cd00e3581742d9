"""Synthetic results, of any shape that a study may have."""

import pytest

from stages.core.results.results import results_table
from stages.plots.kit import print_form
from tests.plots.shapes import PLACE


@pytest.fixture
def blank(monkeypatch):
    """Write pictures without what is in them, where it is asked only which there are."""
    monkeypatch.setattr(print_form, "save_figure", lambda figure, path, kind: path.touch())


@pytest.fixture
def layers():
    """Make the layers and controls of a model, with their kinds, in order."""

    def make(blocks, attention=True, controls=("nuisance", "oasm"), heads=0):
        made = {f"layer_{i:02}": "hidden" for i in range(blocks + 1)}
        for i in range(1, blocks + 1) if attention else ():
            made[f"attention_{i:02}"] = "attention"
            made |= {f"attention_{i:02}.head_{h:02}": "head" for h in range(1, heads + 1)}
        return made | dict.fromkeys(controls, "control")

    return make


@pytest.fixture
def results(rng):
    """Make a results table: every target measured with every layer, chosen layers included."""

    def make(targets, kinds):
        rows = []
        for layer, kind in [*kinds.items(), ("layer_00", "nested"), ("mean", "baseline")]:
            for target in targets:
                for metric in ("r", "r2") if kind != "baseline" else ("r2",):
                    row = {"dataset": "made", "model": "tiny", "layer": layer, "kind": kind}
                    row |= {"metric": metric, "score": rng.uniform(-0.2, 0.6), "n": 100}
                    if kind != "baseline":
                        row |= {"null_mean": rng.normal(0, 0.01), "null_sd": rng.uniform(0.01, 0.1)}
                        row |= {"q": rng.choice([0.001, 0.2]), "p": 0.1, "z": 0.0}
                    rows.append(row | target)
        return results_table(rows)

    return make


@pytest.fixture
def encoded(results, layers):
    """Make results of encode."""

    def make(regions=("Temporal_Sup_L", "Angular_R"), subjects=("s1", "group"), ceiling=0.7, **kw):
        targets = [
            {"subject": subject, "region": region, "ceiling": ceiling}
            for subject in subjects
            for region in regions
        ]
        return results(targets, layers(**{"blocks": 3, **kw}))

    return make


@pytest.fixture
def probe_results(results, layers):
    """Make results of probe: three features of one type, and one each of two others."""
    families = {"Verbs": "discourse", "Word_Num": "syntax", "Emotion": "discourse"}
    names = ("Verbs/run", "Verbs/see", "Word_Num/length", "Verbs/say", "Emotion/joy")
    targets = [{"family": families[name.split("/")[0]], "target": name} for name in names]

    def make(blocks=3, **kw):
        made = results(targets, layers(blocks, **{"controls": (), **kw}))
        return made[made["kind"] != "nested"].reset_index(drop=True)

    return make


@pytest.fixture
def decoded(results):
    """Make results of decode: the features of `probe_results`, and one of a family of its own."""
    families = {"Verbs": "discourse", "Word_Num": "syntax", "Emotion": "discourse"}
    names = ("Verbs/run", "Verbs/see", "Word_Num/length", "Verbs/say", "Emotion/joy", "Surprisal/s")

    def make(regions=("B_L", "A_R", "A_L"), subjects=("s1", "group"), ceiling=0.7):
        targets = [
            {"subject": subject, "region": region, "ceiling": ceiling, "target": name}
            | {"family": families.get(name.split("/")[0], name.split("/")[0])}
            for subject in subjects
            for region in regions
            for name in names
        ]
        made = results(targets, {"": "frem"})
        return made[made["kind"] == "frem"].assign(model="").reset_index(drop=True)

    return make


@pytest.fixture
def profiled(results, layers):
    """Make results of profile, with the mean of each hemisphere, preferences and kappa."""

    def make(
        regions=("B_L", "A_R", "A_L"),
        families=("all", "discourse", "syntax"),
        subjects=("s1", "group"),
        ceiling=0.8,
        **kw,
    ):
        sides = {"_L": "left hemisphere", "_R": "right hemisphere"}
        means = [mean for end, mean in sides.items() if any(name.endswith(end) for name in regions)]
        targets = [
            {"subject": subject, "family": family, "region": region, "metric": metric}
            | {"ceiling": ceiling if metric == "spearman" else None}
            for subject in subjects
            for family in families
            for metric in ("spearman", "spearman_preference", "kappa")
            for region in (*regions, *([] if metric == "spearman_preference" else means))
            if len(regions) > 1 or metric != "spearman_preference"
        ]
        made = results(targets, layers(**{"blocks": 3, "controls": (), **kw}))
        made = made[made["kind"].isin(["hidden", "attention"])]
        return made.drop_duplicates(PLACE).reset_index(drop=True)

    return make


@pytest.fixture
def probed(probe_results):
    """Results of probe with every attention head."""
    return probe_results(heads=4)
