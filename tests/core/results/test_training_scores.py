"""The public tables hold every task at every step; what is no score is refused."""

import json

import pytest

from stages.core.results.training_scores import TASKS, read_zero_shot
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
    ],
)
def test_what_is_no_score(tmp_path, lambada, message):
    with pytest.raises(InputError, match=message):
        read_zero_shot(written(tmp_path, 0, lambada_openai=lambada))
