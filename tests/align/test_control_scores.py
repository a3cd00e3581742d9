"""Controls are of the widths they should be, and how many are made at once changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.control_scores import (
    align_with_controls,
    cut_layers,
    held_beside,
    make_controls,
)
from stages.align.controls import Moments
from stages.align.engine import align
from stages.align.representation import at_hand
from stages.align.routines.needs import check_memory
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import FEWEST_ROWS, make_backend
from tests.align.recordings import SETTINGS, make_layers, stimulus_ids

METRICS = ["cka_linear", "mutual_knn_5", "rsa_spearman"]
BACKEND = make_backend(None, "float64", 2**28)


def noise_of(features, seeds):
    return Moments.of(features).noise(len(features), np.random.default_rng(seeds))


@pytest.fixture
def layers(rng):
    return make_layers(rng)


def test_controls_have_the_widths_they_should(layers):
    controls = make_controls(list(layers.values()), SETTINGS)
    assert [values.shape[1] for values in controls["noise"]] == [300, 40, 20]
    assert [values.shape[1] for values in controls["projected"]] == [30, 30, 20]
    assert_allclose(controls["projected"][2], layers["blocks.2"])
    first = noise_of(layers["blocks.0"], [SETTINGS.seed, 0])
    assert_array_equal(at_hand(controls["noise"][0]), first)
    assert_array_equal(at_hand(controls["noise"][0]), first)
    later = make_controls(list(layers.values())[1:], SETTINGS, 1)
    for kind, values in later.items():
        for one, same in zip(values, controls[kind][1:], strict=True):
            assert_array_equal(at_hand(one), at_hand(same))


def test_a_twin_made_in_parts_is_one_of_a_whole(rng):
    features = rng.standard_normal((600, 7)).astype(np.float32) + 3
    noise = np.random.default_rng(5).standard_normal(features.shape)
    whole = (features.mean(axis=0) + features.std(axis=0) * noise).astype(np.float32)
    assert_array_equal(noise_of(features, 5), whole)


@pytest.fixture
def sides(layers, rng):
    return list(layers.values()), [rng.standard_normal((90, 30)) for _ in range(4)]


def test_few_layers_at_once_score_as_all_do(sides):
    every = cut_layers(*sides, METRICS, SETTINGS, BACKEND)
    assert every == [slice(0, 3)]
    rows = stimulus_ids(90)
    whole, parts = (
        align_with_controls(*sides, METRICS, SETTINGS, BACKEND, parts=cuts, rows=rows)
        for cuts in (every, [slice(0, 1), slice(1, 3)])
    )
    for name in METRICS:
        assert set(whole[1][name]) == {"noise", "projected"}
        for kind, scores in whole[1][name].items():
            assert scores.shape == (3, 4)
            assert_allclose(parts[1][name][kind], scores, atol=1e-10)
        for column in ("score", "null_mean", "null_sd", "z", "p", "drawn"):
            one, other = (getattr(found[0][name], column) for found in (whole, parts))
            assert one.shape == (3, 4)
            assert_allclose(other, one, atol=1e-9)


def test_controls_score_as_they_do_by_themselves_and_change_no_layer(sides):
    """As layers, and held against their own nulls, with all draws."""
    rows, metrics = stimulus_ids(90), [*METRICS, "svcca", "cycle_knn_5", "cknna_5"]
    settings = {"draws": SETTINGS.draws, "seed": SETTINGS.seed, "dtype": "float64", "rows": rows}
    controls = make_controls(sides[0], SETTINGS)
    for permute, block in (("rows", 1), ("blocks", 9)):
        how = settings | {"permute": permute, "block": block}
        alone = align(*sides, metrics, **how)
        for each in controls.values():
            apart = align(each, sides[1], metrics, **how)
            beside = align(*sides, metrics, **how, beside=[*controls["noise"], *each])
            for name in metrics:
                assert_allclose(beside[name].beside[3:], apart[name].score, atol=1e-10)
                for column in ("score", "null_mean", "null_sd", "z", "p", "drawn"):
                    one, other = (getattr(found[name], column) for found in (alone, beside))
                    assert_allclose(other, one, atol=1e-9)


def test_controls_are_made_of_as_many_layers_as_there_is_room_for(sides):
    """All that is held is counted: layers, regions, and the controls that are made once."""
    with pytest.raises(InputError, match="too little memory") as refused:
        cut_layers(*sides, METRICS, SETTINGS, replace(BACKEND, memory=1000))
    enough = int(str(refused.value).split("at least ")[1].split(" bytes")[0])
    assert enough > 90 * 4 * 330
    backend = replace(BACKEND, memory=enough)
    parts = cut_layers(*sides, METRICS, SETTINGS, backend)
    assert parts == [slice(0, 1), slice(1, 2), slice(2, 3)]
    rows = stimulus_ids(90)
    align_with_controls(*sides, METRICS, SETTINGS, backend, parts=parts, rows=rows)


def test_few_rows_at_once_are_weighed_against_more_parts(rng):
    """The more memory, the fewer parts; one of them before the largest blocks have room."""
    layers = [rng.standard_normal((600, 500), dtype=np.float32) for _ in range(9)]
    right = [rng.standard_normal((600, 30), dtype=np.float32) for _ in range(4)]
    backend, chosen = make_backend(None, "float32", 2**30), {}
    for mib in range(20, 400, 4):
        some = replace(backend, memory=mib * 2**20)
        try:
            chosen[mib] = len(cut_layers(layers, right, METRICS, SETTINGS, some))
        except InputError:
            assert not chosen
    counts = list(chosen.values())
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 1
    assert len(set(counts)) > 3
    one = min(mib for mib, count in chosen.items() if count == 1) * 2**20
    every = [*layers, *layers, *(values[:, : SETTINGS.width] for values in layers)]
    held, metrics = held_beside(layers, right, SETTINGS), [parse_metric(name) for name in METRICS]
    with pytest.raises(InputError, match="too little memory"):
        check_memory(
            every, right, metrics, 1, replace(backend, memory=one), held=held, rows=FEWEST_ROWS
        )
