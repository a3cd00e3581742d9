"""The public tables hold every task at every step; what is no score is refused."""

import json

import numpy as np
import pytest

from stages.core.results.training_scores import TASKS, read_mixnet, read_zero_shot
from stages.core.run.errors import InputError

NAME = "x/pythia-70m-deduped/zero-shot/70m_step{}.json"


def written(folder, step, **tasks):
    path = folder / f"{step}.json"
    path.write_text(json.dumps({"results": tasks}))
    return {NAME.format(step): path}


def test_the_public_tables(mirror):
    root = mirror / "brainalign" / "data" / "utils" / "pythia-v1"
    files = {path.relative_to(mirror).as_posix(): path for path in root.rglob("*.json")}
    table = read_zero_shot(files)
    accuracies = [name for name in table if name.endswith("_accuracy")]
    assert len(accuracies) == len(TASKS)
    assert len(table) == 162
    assert table[accuracies].min().min() >= 0
    assert table[accuracies].max().max() <= 1
    first = table[table["step"].eq(0)]
    assert (first["lambada_accuracy"] == 0).all()
    assert first["piqa_accuracy"].between(0.5, 0.56).all()


def test_a_task_that_a_step_lacks_is_left_out_of_all(tmp_path):
    lambada = {"acc": 0.5, "ppl": 1.0}
    files = written(tmp_path, 0, lambada_openai=lambada, piqa={"acc": 0.6})
    files |= written(tmp_path, 8, lambada_openai=lambada)
    assert list(read_zero_shot(files)) == ["size", "step", "lambada_accuracy", "lambada_loss"]


@pytest.mark.parametrize(
    ("lambada", "message"),
    [
        ({"acc": 0.5}, "LAMBADA missing"),
        ({"acc": "much", "ppl": 2}, "LAMBADA missing"),
        ({"acc": float("nan"), "ppl": 2}, "NaN is no number of JSON"),
        ({"acc": 0.5, "ppl": 0}, "number that is not finite"),
        (
            {"acc": 1.01, "ppl": 2},
            "wrong accuracy .*shares from 0 to 1, got .*lambada_openai.: 1.01",
        ),
        ({"acc": -0.01, "ppl": 2}, "wrong accuracy"),
    ],
)
def test_what_is_no_score(tmp_path, lambada, message):
    with pytest.raises(InputError, match=message):
        read_zero_shot(written(tmp_path, 0, lambada_openai=lambada))


def test_sizes_and_steps_are_in_order_and_losses_logarithms(tmp_path):
    """A file that is none of the results is passed over."""
    files = {"x/readme.json": tmp_path / "none"}
    for step, perplexity in ((16, 1.0), (0, np.e**2), (8, 10.0)):
        files |= written(tmp_path, step, lambada_openai={"acc": step / 16, "ppl": perplexity})
    files[NAME.format(8).replace("70m-", "160m-")] = files[NAME.format(0)]
    table = read_zero_shot(files)
    assert list(table.index) == [0, 1, 2, 3]
    assert list(table["size"]) == ["160m", "70m", "70m", "70m"]
    assert list(table["step"]) == [8, 0, 8, 16]
    assert list(table["lambada_accuracy"]) == [0, 0, 0.5, 1]
    np.testing.assert_allclose(table["lambada_loss"], [2, 2, np.log(10), 0])


@pytest.mark.parametrize("lambada", [{"acc": 1.0, "ppl": -1}, {"acc": "Infinity", "ppl": 2}])
def test_one_number_that_is_none(tmp_path, lambada):
    with pytest.raises(InputError, match=r"number that is not finite|wrong accuracy"):
        read_zero_shot(written(tmp_path, 0, lambada_openai=lambada, piqa={"acc": 0.5}))


def test_files_without_results_are_none(tmp_path):
    with pytest.raises(InputError, match="no zero-shot results"):
        read_zero_shot({"x/readme.json": tmp_path / "none"})


CHECKPOINTS = """more,model,epoch,top1,top5,use_ema
x,mixnet_xl,1,60,80,False
x,mixnet_s,1,50.5,75,False
x,mixnet_s,0,40,70,True
x,mixnet_s,0,30,65,False
"""


def test_accuracies_are_shares_by_size_weights_and_images(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text(CHECKPOINTS)
    table = read_mixnet(path)
    assert table.to_numpy().tolist() == [
        ["s", "ema", 0, 1_281_167.0, 0.4, 0.7],
        ["s", "raw", 0, 1_281_167.0, 0.3, 0.65],
        ["s", "raw", 1, 2_562_334.0, 0.505, 0.75],
        ["xl", "raw", 1, 2_562_334.0, 0.6, 0.8],
    ]
    assert list(table) == ["size", "weights", "epoch", "seen", "top1", "top5"]
    assert list(table.index) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "mixnet_s,1,",
            "mixnet_s,0,",
            "checkpoint that occurs twice .*got model mixnet_s, epoch 0, ",
        ),
        ("mixnet_xl,1,", "mixnet_xl,,", "unreadable accuracies"),
        ("top5", "top6", "unreadable accuracies"),
        (",50.5,", ",130.0,", "wrong accuracy .*per cent from 0 to 100, got .*top1 130.0"),
        (",50.5,", ",,", "wrong accuracy .*got .*top1 nan"),
        (",50.5,", ",-0.5,", "wrong accuracy"),
    ],
)
def test_checkpoints_that_are_not_told_apart(tmp_path, old, new, message):
    path = tmp_path / "results.csv"
    path.write_text(CHECKPOINTS.replace(old, new))
    with pytest.raises(InputError, match=message):
        read_mixnet(path)
