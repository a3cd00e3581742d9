"""The published claim and accuracies, as `trajectories.md` has them."""

import numpy as np
import pytest

from stages.core.results.replications import MATCHES
from stages.core.results.training_scores import read_mixnet
from stages.core.run.errors import InputError
from stages.replicate.precedence_claim import (
    claimed_correlations,
    ema_delay,
    mixnet_halves,
    published_leads,
    steps_to_shares,
    verdict_in_words,
)
from stages.replicate.published_curves import read_digitised, read_lambada
from tests.replicate.published_steps import STEPS


@pytest.fixture(scope="module")
def published(mirror):
    root = mirror / "brainalign" / "data" / "utils" / "pythia-v1"
    files = {path.relative_to(mirror).as_posix(): path for path in root.rglob("*.json")}
    alignment = read_digitised(mirror / "brainalign-training" / "pythia_alignment_digitised.tsv")
    return alignment, read_lambada(files)


def test_the_printed_correlations_are_those_of_eleven_points(published):
    found = claimed_correlations(*published)
    assert found["value"].round(2).tolist() == [0.83, 0.81, 0.87, 0.75, 0.92, 0.85]
    assert set(found["verdict"]) == {MATCHES}
    assert set(found["n"]) == {11}
    assert set(found["last_step"]) == {1000}
    assert found["nonzero"].max() == 1


def test_the_steps_are_those_of_the_facts(published):
    times = steps_to_shares(*published)
    wide = times.pivot_table(index=["size", "share"], columns="measure", values="first")
    columns = ["alignment", "lambada_loss", "lambada_accuracy"]
    for size, expected in STEPS.items():
        np.testing.assert_allclose(
            wide.loc[size][columns].to_numpy(), expected, rtol=1e-3, atol=0.5
        )


def test_the_verdict_says_which_scale_alignment_leads(published):
    correlations, leads = (
        claimed_correlations(*published),
        published_leads(steps_to_shares(*published)),
    )
    at = leads.set_index(["measure", "share"])
    for share in (0.1, 0.25, 0.5):
        assert at.loc[("lambada_accuracy", share), "earlier"] == 6
        assert at.loc[("lambada_accuracy", share), "low"] > 0
    onset = at.loc[("lambada_loss", 0.1)]
    assert onset["earlier"] == 0
    assert onset["high"] < 0
    assert 0 < at.loc[("lambada_loss", 0.5), "lead"] < np.log2(1.6)
    said = verdict_in_words(correlations, leads)
    assert said.startswith("6 of 6 printed correlations are reproduced, from 11 common points")
    assert "against log-perplexity of the same text alignment lags" in said
    assert "0.7% of training" in said


def test_averaged_weights_are_later_in_every_mixnet(mirror):
    path = mirror / "brainalign" / "data" / "intermediate_results" / "results.csv"
    accuracies = read_mixnet(path)
    halves = mixnet_halves(accuracies)
    assert len(halves) == 8
    assert halves["later"].dropna().min() > 0.5
    delay = ema_delay(halves)
    assert delay.n == 4
    assert delay.low > 0
    small = accuracies[accuracies["size"].eq("s") & accuracies["weights"].eq("raw")]
    raw = small.set_index("epoch")["top1"]
    half = halves[halves["size"].eq("s") & halves["weights"].eq("raw")].iloc[0]
    assert raw[2] < (raw[0] + raw.iloc[-2:].mean()) / 2 < raw[4]
    assert 3 * 1_281_167 < half["seen"] < 5 * 1_281_167


def test_a_size_that_was_not_digitised_is_named(published):
    alignment, lambada = published
    with pytest.raises(InputError, match="too few common steps in the published alignment of 1b"):
        claimed_correlations(alignment[alignment["size"].ne("1b")], lambada)


def test_wrong_curves_are_refused(tmp_path):
    path = tmp_path / "curves.tsv"
    for content, message in (
        ("size\tstep\n70m\t0\n", "unreadable curves"),
        ("size\tstep\talignment\n70m\t0\t\n", "not a number"),
        ("size\tstep\talignment\n70m\t0\t.1\n70m\t0\t.2\n", "twice in .*size 70m, step 0"),
        ("size\tstep\talignment\n70m\tfirst\t.1\n", "unreadable curves"),
        ("size\tstep\talignment\n70m\t10.5\t.1\n", "unreadable curves"),
        ("size\tstep\talignment\n70m\t10\t3\t.7\n", "more cells than the header"),
    ):
        path.write_text(content)
        with pytest.raises(InputError, match=message):
            read_digitised(path)
    path.write_text('{"results": {}}')
    with pytest.raises(InputError, match="LAMBADA missing"):
        read_lambada({"pythia-70m-deduped/zero-shot/70m_step1.json": path})
    with pytest.raises(InputError, match="no zero-shot results"):
        read_lambada({})
    path.write_text("model,epoch\na,1\n")
    with pytest.raises(InputError, match="unreadable accuracies"):
        read_mixnet(path)
    path.write_text("model,epoch,top1,top5,use_ema\na,1.5,1,2,True\n")
    with pytest.raises(InputError, match="unreadable accuracies"):
        read_mixnet(path)
