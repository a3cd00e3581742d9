"""Of what a run of a language model is made, without any training."""

from pathlib import Path

import pytest
import torch

from stages.core.names.run_name import RunName
from stages.train.processes import alone
from stages.train.seeded import seeded
from stages.train.story import story_run as module
from stages.train.story.corpus import Corpus
from stages.train.story.neox import make_network
from stages.train.story.recurrent import make_recurrent

CORPUS = Corpus("the witch took a broom .\n" * 30, "the owl saw a hat .\n" * 20, "digest")


@pytest.mark.parametrize("heads", [2, 0])
def test_first_weights_are_drawn_with_the_seed_of_the_run(words, heads):
    settings = words(sizes={"tiny": {"layers": 1, "width": 16, "heads": heads}})
    learner = module.make_learner(CORPUS, RunName("read", "", 5), settings, "here", alone())
    size, tokenizer = settings.sizes["tiny"], learner._tokenizer
    with seeded(5, 0):
        expected = make_network(size, tokenizer, 16) if heads else make_recurrent(size, tokenizer)
    for found, weight in zip(learner._network.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(found, weight, rtol=0, atol=0)
    assert (tokenizer.model_max_length == 16) == (heads > 0)


def test_a_run_is_all_that_determines_its_weights_and_not_what_other_runs_there_are(words):
    settings = words(runs=["read-0", "shuffled-3"], size="tiny", lr=0.125)
    about = module.about_run(CORPUS, RunName("shuffled", "", 3), settings)
    assert (about["run"], about["text"], about["lr"]) == ("shuffled-3", "digest", 0.125)
    assert {"size.layers", "size.width", "size.heads"} <= set(about)
    assert not {"runs", "size"} & set(about)
    assert not [name for name in about if name.startswith("sizes")]


def test_a_run_is_kept_where_it_is_told_to_be(words, monkeypatch):
    made = {
        "read_text": lambda path: f"text of {path}",
        "split_text": lambda text, held_out, where: (text, held_out, where),
        "make_learner": lambda corpus, run, settings, where, processes: (corpus, processes),
        "alone": lambda: "alone",
        "about_run": lambda corpus, run, settings: {"a": 1},
        "train": lambda learner, plan, out, curves: (learner, plan, out, curves),
    }
    for name, fake in made.items():
        monkeypatch.setattr(module, name, fake)
    run, settings = RunName("read", "", 0), words()
    places = Path("out"), Path("curves")
    for given, processes in ((None, "alone"), ("others", "others")):
        learner, plan, *found = module.train_words(
            Path("t"), run, settings, *places, processes=given
        )
        assert learner == (("text of t", 0.1, Path("t")), processes)
        assert (plan.steps, list(plan.keep), plan.about) == (12, [0, 1, 4], {"a": 1})
        assert tuple(found) == places
