import numpy as np
import pytest
import torch

from stages.core.names.layers import ATTENTION_STATISTICS as STATISTICS
from stages.extract.words.attention import describe_attention
from stages.extract.words.word_forward import pooling_weights


def described(attention, focus, pooling="mean"):
    """Describe one passage given as (heads, n, n)."""
    focus = torch.tensor([focus])
    values = describe_attention(
        torch.as_tensor(attention, dtype=torch.float32)[None],
        focus,
        pooling_weights(focus, pooling),
        torch.tensor([focus.shape[1]]),
    )
    return values.reshape(-1, len(STATISTICS)).numpy()


def naive(attention, focus, queries):
    """One head, one number at a time."""
    n = len(attention)
    rows = []
    for i in queries:
        a = attention[i]
        rows.append(
            [
                -sum(x * np.log(x) for x in a if x > 0) / np.log(n),
                sum(a[j] * abs(i - j) for j in range(n)) / n,
                a[i],
                a[i - 1] if i > 0 else 0,
                a[i + 1] if i + 1 < n else 0,
                a[0],
                a[n - 1],
                sum(a[j] for j in range(n) if focus[j]),
            ]
        )
    return np.mean(rows, axis=0)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_against_a_loop_with_padding(rng, pooling):
    """Three passages of unlike lengths in one padded batch, causal and not."""
    lengths, longest, heads = [7, 4, 1], 7, 3
    attention = np.zeros((3, heads, longest, longest))
    focus = np.zeros((3, longest), dtype=bool)
    for p, n in enumerate(lengths):
        weights = rng.exponential(size=(heads, n, n))
        weights = np.tril(weights) if p == 1 else weights
        attention[p, :, :n, :n] = weights / weights.sum(-1, keepdims=True)
        attention[p, :, n:, 0] = 1  # what a padded query looks at must not matter
        focus[p, :n] = True
        focus[p, : n // 2] = False
    wanted = torch.from_numpy(focus)
    values = describe_attention(
        torch.from_numpy(attention), wanted, pooling_weights(wanted, pooling), torch.tensor(lengths)
    )
    assert values.shape == (3, heads * len(STATISTICS))
    for p, n in enumerate(lengths[:2]):
        queries = np.flatnonzero(focus[p])
        queries = queries[-1:] if pooling == "last" else queries
        for h in range(heads):
            expected = naive(attention[p, h, :n, :n], focus[p, :n], queries)
            got = values[p].reshape(heads, -1)[h].numpy()
            np.testing.assert_allclose(got, expected, atol=1e-6)


def test_uniform():
    values = dict(zip(STATISTICS, described(np.full((1, 5, 5), 0.2), [True] * 5)[0], strict=True))
    assert values["entropy"] == pytest.approx(1)
    assert values["self"] == values["first"] == values["last"] == pytest.approx(0.2)
    assert values["previous"] == values["next"] == pytest.approx(0.2 * 4 / 5)
    assert values["distance"] == pytest.approx(
        np.abs(np.subtract.outer(range(5), range(5))).mean() / 5
    )
    assert values["focus"] == pytest.approx(1)


@pytest.mark.parametrize(("shift", "name"), [(0, "self"), (-1, "previous"), (1, "next")])
def test_planted_diagonals(shift, name):
    attention = np.roll(np.eye(5), shift, axis=1)[None]
    values = dict(
        zip(STATISTICS, described(attention, [False, True, True, True, False])[0], strict=True)
    )
    assert values["entropy"] == 0
    assert {s: values[s] for s in ("self", "previous", "next")} == {
        s: float(s == name) for s in ("self", "previous", "next")
    }
    assert values["distance"] == pytest.approx(abs(shift) / 5)


@pytest.mark.parametrize(("key", "name"), [(0, "first"), (4, "last")])
def test_planted_sinks(key, name):
    attention = np.zeros((1, 5, 5))
    attention[..., key] = 1
    values = dict(
        zip(STATISTICS, described(attention, [False, False, True, False, False])[0], strict=True)
    )
    assert values[name] == 1
    assert values["focus"] == 0
    assert values["distance"] == pytest.approx(2 / 5)


def test_a_passage_of_one_token():
    assert np.isfinite(described(np.ones((1, 1, 1)), [True])).all()
    assert described(np.ones((1, 1, 1)), [True])[0, 0] == 0


def test_last_reads_one_query():
    attention = np.stack([np.eye(3)])
    attention[0, 2] = [1, 0, 0]
    assert described(attention, [True] * 3, "last")[0, STATISTICS.index("first")] == 1
    assert described(attention, [True] * 3, "mean")[0, STATISTICS.index("first")] == pytest.approx(
        2 / 3
    )
