"""When curves rise, and what is said of it, of curves so small that a hand can follow."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from stages.core.results.replications import DIFFERS, MATCHES
from stages.core.run.errors import InputError
from stages.replicate.precedence_claim import (
    claimed_correlations,
    ema_delay,
    mixnet_halves,
    published_leads,
    steps_to_shares,
    verdict_in_words,
)

SIZES = ("70m", "160m", "410m", "1b", "1.4b", "2.8b")


def curves(name, values, sizes=SIZES, steps=None):
    steps = [0, *(2**k for k in range(len(values) - 1))] if steps is None else steps
    parts = [pd.DataFrame({"size": size, "step": steps, name: values}) for size in sizes]
    return pd.concat(parts)


def test_correlations_are_over_common_steps_and_match_to_two_places():
    alignment = curves("alignment", [0.0, 1.0, 2.0, 9.0], steps=[0, 1, 2, 3])
    lambada = curves("lambada_accuracy", [5.0, 0.0004, 0.0005, 0.9], steps=[4, 0, 1, 2])
    lambada["lambada_loss"] = 1.0
    found = claimed_correlations(alignment, lambada)
    assert found["size"].tolist() == list(SIZES)
    r = np.corrcoef([0, 1, 2], [0.0004, 0.0005, 0.9])[0, 1]  # .867
    np.testing.assert_allclose(found["value"], r)
    assert found["verdict"].tolist() == [DIFFERS, DIFFERS, MATCHES, DIFFERS, DIFFERS, DIFFERS]
    assert found["published"].tolist() == [0.83, 0.81, 0.87, 0.75, 0.92, 0.85]
    assert set(found["n"]) == {3}
    assert set(found["last_step"]) == {2}
    assert set(found["nonzero"]) == {2}
    with pytest.raises(InputError, match="alignment of 70m: expected at least 3 .*got 2"):
        claimed_correlations(alignment, lambada[lambada["step"] < 4].iloc[1:])


def test_shares_lie_between_the_mean_of_the_first_steps_and_of_the_last_points():
    # Steps 0 to 8 are at 1 on average; the last five at 3.
    steps = [0, 8, 9, 32, 64, 128, 256, 512]
    values = [0.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    alignment = curves("alignment", values, steps=steps)
    lambada = curves("lambada_accuracy", values, steps=steps)
    lambada["lambada_loss"] = 7 - np.array(values * 6)
    shuffled = alignment.sample(frac=1.0, random_state=0)
    times = steps_to_shares(shuffled, lambada)
    assert set(times["measure"]) == {"alignment", "lambada_loss", "lambada_accuracy"}
    assert len(times) == 6 * 3 * 4
    for share, level in ((0.1, 1.2), (0.25, 1.5), (0.5, 2.0), (0.75, 2.5)):
        octaves = np.log2(np.array(steps) + 1)
        at = np.searchsorted(values, level)
        share_of = (level - values[at - 1]) / (values[at] - values[at - 1])
        octave = octaves[at - 1] + share_of * (octaves[at] - octaves[at - 1])
        own = times[times["share"].eq(share)]
        assert len(own) == 6 * 3
        np.testing.assert_allclose(own["octave"], octave)
        np.testing.assert_allclose(own[["step", "first"]], 2**octave - 1)


def test_a_curve_of_five_points_has_no_plateau_of_its_own():
    short = curves("alignment", [0.0, 1.0, 2.0, 3.0, 4.0])
    lambada = curves("lambada_accuracy", [0.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    times = steps_to_shares(short, lambada.assign(lambada_loss=1 - lambada["lambada_accuracy"]))
    assert set(times["measure"]) == {"lambada_loss", "lambada_accuracy"}


def test_leads_are_means_over_sizes_with_intervals_of_student():
    ahead = np.array([1.0, 2.0, 0.0, -1.0, 3.0, 0.5])
    rows = []
    for size, lead in zip(SIZES, ahead, strict=True):
        for measure, octave in (("alignment", 4.0), ("lambada_loss", 4 + lead)):
            rows.append((size, measure, 0.5, octave))
        rows.append((size, "lambada_accuracy", 0.5, 6.0 + lead))
    columns = ["size", "measure", "share", "octave"]
    found = published_leads(pd.DataFrame(rows, columns=columns)).set_index("measure")
    for measure, leads in (("lambada_loss", ahead), ("lambada_accuracy", 2 + ahead)):
        one, oracle = found.loc[measure], ttest_1samp(leads, 0)
        assert one["lead"] == pytest.approx(leads.mean())
        low, high = oracle.confidence_interval()
        assert (one["low"], one["high"]) == pytest.approx((low, high))
        assert one["p"] == pytest.approx(ttest_1samp(leads, 0, alternative="greater").pvalue)
        assert (one["n_runs"], one["earlier"]) == (6, int((leads > 0).sum()))


def test_words_say_which_way_and_how_far():
    correlations = pd.DataFrame(
        {"verdict": [MATCHES, DIFFERS], "last_step": [1000, 1430], "n": [11, 10]}
    )
    rows = [
        ("lambada_accuracy", 0.1, 1.23, 0.1, 2.0, 6),
        ("lambada_accuracy", 0.5, -1.5, -2.0, -0.1, 1),
        ("lambada_loss", 0.1, 0.3, 0.0, 0.6, 4), ("lambada_loss", 0.5, -0.3, -0.6, 0.0, 2),
    ]  # fmt: skip
    leads = pd.DataFrame(rows, columns=["measure", "share", "lead", "low", "high", "earlier"])
    assert verdict_in_words(correlations, leads.assign(n_runs=6)) == (
        "1 of 2 printed correlations are reproduced, from 11 common points that end at 1.0% of "
        "training; against accuracy alignment leads by 1.2 octaves (earlier in 6 of 6 sizes) at a "
        "tenth and lags by 1.5 octaves (earlier in 1 of 6 sizes) at half of the rise; against "
        "log-perplexity of the same text alignment is not told apart (earlier in 4 of 6 sizes) at "
        "a tenth and is not told apart (earlier in 2 of 6 sizes) at half of the rise; one run of "
        "each size: no interval over runs"
    )


def test_averaged_weights_are_behind_by_octaves_of_images():
    rows = []
    for size, factor in (("s", 2.0), ("m", 8.0)):
        for weights, scale in (("ema", factor), ("raw", 1.0)):
            top1 = [10.0, 30.0, 40.0, 60.0]  # half, 30, is reached at the second
            seen = [100 * scale, 200 * scale, 400 * scale, 800 * scale]
            rows += [
                (size, weights, k, *pair) for k, pair in enumerate(zip(top1, seen, strict=True))
            ]
    table = pd.DataFrame(rows, columns=["size", "weights", "epoch", "top1", "seen"])
    halves = mixnet_halves(table.sample(frac=1.0, random_state=1))
    at = halves.set_index(["size", "weights"])
    assert at.loc[("s", "raw"), "seen"] == pytest.approx(200)
    assert at.loc[("m", "ema"), "seen"] == pytest.approx(1600)
    assert at["later"].isna().tolist() == [weights == "raw" for _, weights in at.index]
    assert at["later"].dropna().sort_values().tolist() == pytest.approx([1, 3])
    delay = ema_delay(halves)
    assert (delay.value, delay.n) == (pytest.approx(2), 2)
