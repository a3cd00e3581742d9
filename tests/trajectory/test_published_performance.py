"""Published scores go to the members that they are of, and to no others."""

import hashlib
import json
import logging

import numpy as np
import pandas as pd
import pytest

from stages.core.activations.members import member_table
from stages.core.run.errors import InputError
from stages.trajectory.curves.run_curves import alignment_curves, performance_curves
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.published_performance import published_performance
from stages.trajectory.trajectory_tables import trajectory_tables
from tests.conftest import PROJECT

SOURCE = PROJECT / "data" / "raw" / "brainalign-training"
MIXNETS = "brainalign/data/intermediate_results/results.csv"


def members(family, pattern, sizes, steps, weights=("",)):
    rows = []
    for size in sizes:
        for kind in weights:
            for step in steps:
                string = pattern.format(size=size, step=step, weights=kind)
                place = {"family": family, "member": f"{size}-{kind}-{step}", "size": size}
                place |= {"seed": 0, "weights": kind, "step": step, "seen": 64.0 * step}
                told = {
                    "unit": "tokens",
                    "parameters": 1,
                    "digest": "",
                    "error": "",
                    "set_aside": "",
                }
                rows.append(place | told | {"string": string})
    return member_table(rows)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A folder whose list names invented scores: of a Pythia at two steps, and of a MixNet."""
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(tmp_path / "mirror"))
    files = {
        MIXNETS: "model,epoch,top1,top5,use_ema\nmixnet_s,0,0.1,0.5,False\n"
        "mixnet_s,8,53,78,False\nmixnet_s,8,19,40,True\nmixnet_xl,8,57,81,False\n"
    }
    for step, accuracy, perplexity in ((0, 0.0, 1e6), (512, 0.25, np.e**3)):
        scores = {"lambada_openai": {"acc": accuracy, "ppl": perplexity}, "piqa": {"acc": 0.5}}
        name = f"x/pythia-70m-deduped/zero-shot/70m_step{step}.json"
        files[name] = json.dumps({"results": scores})
    listed = {}
    for name, text in files.items():
        path = tmp_path / "mirror" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        listed[name] = {"path": name, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    content = {"repository": "a/b", "revision": "0" * 40, "files": listed}
    (tmp_path / "sources.json").write_text(json.dumps(content))
    return tmp_path


PYTHIA = "hf:EleutherAI/pythia-{size}-deduped@step{step}"


def test_scores_of_pythia_by_size_and_step(published, caplog):
    caplog.set_level(logging.INFO)
    own = members("pythia", PYTHIA, ["70m", "160m"], [0, 1, 600])
    found = published_performance(own, {"pythia": "pythia", "other": ""}, published)
    at = found.set_index(["step", "measure"])["value"]
    assert set(found["size"]) == {"70m"}
    assert at[0].to_dict() == pytest.approx(
        {"lambada_accuracy": 0, "lambada_loss": np.log(1e6), "piqa_accuracy": 0.5}
    )
    assert at[512, "lambada_loss"] == pytest.approx(3)
    assert set(found["of"]) == {"pythia"}
    assert found.loc[found["step"].eq(512), "seen"].unique() == [64 * 512]
    assert "pythia: 1 of 2 runs have published scores" in caplog.text
    early = published_performance(own[own["step"] < 512], {"pythia": "pythia"}, published)
    assert set(early["step"]) == {0}, "what comes after the last member is no part of its rise"


def test_accuracies_of_mixnets_by_weights_and_epoch(published):
    pattern = "file:/runs/mixnet_{size}/checkpoint-{step}.pth.tar@{weights}"
    own = members("mine", pattern, ["s", "xl"], [0, 8], ["raw", "ema", "calibrated"])
    found = published_performance(own, {"mine": "mixnet"}, published)
    top1 = found[found["measure"].eq("imagenet_top1")].set_index(["size", "weights", "step"])
    assert top1["value"].to_dict() == pytest.approx(
        {("s", "raw", 0): 0.001, ("s", "raw", 8): 0.53, ("s", "ema", 8): 0.19}
        | {("xl", "raw", 8): 0.57}
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "hf:EleutherAI/pythia-{size}@step{step}",
        "hf:EleutherAI/pythia-{size}-dedupedx@step{step}",
        "hf:EleutherAI/pythia-{size}-deduped-v0@step{step}",
        "hf:EleutherAI/pythia-{size}-deduped@step{step}+untrained",
        "hf:EleutherAI/pythia-{size}-seed1@step{step}",
    ],
)
def test_scores_of_another_run_are_refused(published, pattern):
    own = members("pythia", pattern, ["70m"], [0, 512])
    with pytest.raises(InputError, match=r"no published score in params\.yaml: families\.pythia\."):
        published_performance(own, {"pythia": "pythia"}, published)


def test_mixnets_of_tensorflow_are_not_those_of_which_scores_are_published(published):
    own = members("mine", "timm:tf_mixnet_{size}.step{step}", ["s"], [0, 8], ["raw"])
    with pytest.raises(InputError, match=r"no published score in params\.yaml: families\.mine\."):
        published_performance(own, {"mine": "mixnet"}, published)


def test_nobody_s_scores_need_no_files(tmp_path):
    found = published_performance(members("a", PYTHIA, ["70m"], [0]), {"a": ""}, tmp_path)
    assert found.empty


def test_the_digitised_alignment_leads_as_in_the_table_of_facts(mirror):
    """As members whose scores they are: at half of the rise, in octaves, of six sizes."""
    path = mirror / "brainalign-training" / "pythia_alignment_digitised.tsv"
    curves = pd.read_csv(path, sep="\t", dtype={"size": str})
    parts = [
        members("pythia", PYTHIA, [size], rows["step"].tolist()).assign(
            score=list(rows["alignment"])
        )
        for size, rows in curves.groupby("size")
    ]
    own = pd.concat(parts, ignore_index=True)
    told = {
        "dataset": "story",
        "split": "",
        "kind": "hidden",
        "metric": "r",
        "layer": "best",
        "region": "language",
    }
    told |= {"target": "", "subject": "group", "ceiling": np.nan}
    told |= {"null_mean": 0.0, "null_sd": np.nan}
    scores = own.rename(columns={"family": "of"}).assign(**told)
    performance = published_performance(own, {"pythia": "pythia"}, SOURCE)
    aligned = alignment_curves(scores, ["r"], 5)
    both = pd.concat([aligned, performance_curves(performance)], ignore_index=True)
    both = both[both["region"].ne("language")]
    both = both[both["side"].eq("alignment") | both["measure"].str.startswith("lambada")]
    asked = Asked((0.25, 0.5), Ends(5, 5), 1, 20, 0)
    found = trajectory_tables(both, asked, {}, {}, {})["run_leads"]
    half = found[found["share"].eq(0.5)].pivot_table(index="size", columns="measure", values="lead")
    expected = {
        size: np.log2([accuracy / alignment, loss / alignment])
        for size, (alignment, loss, accuracy) in {
            "70m": (669, 684, 1396), "160m": (610, 768, 2126), "410m": (604, 943, 3000),
            "1b": (478, 773, 2545), "1.4b": (711, 857, 2722), "2.8b": (715, 916, 3497),
        }.items()
    }  # fmt: skip
    columns = ["lambada_accuracy", "lambada_loss"]
    for size, leads in expected.items():
        found = half.loc[size, columns].to_numpy(float)
        known = np.isfinite(found)
        np.testing.assert_allclose(found[known], np.array(leads)[known], atol=0.25)
        # The accuracy of the smaller ones falls again at the end, which is told and not fitted.
        assert known.tolist() == [size not in ("70m", "160m"), True]
