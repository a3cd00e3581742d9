"""One training run of a language model, from a text to its checkpoints."""

from pathlib import Path
from typing import Any

import tokenizers
import torch
import transformers

from stages.core.names.run_name import RunName
from stages.core.params.training import TrainStory
from stages.train.learning_curve import Row
from stages.train.processes import Processes, alone
from stages.train.seeded import seeded
from stages.train.story.byte_pairs import make_tokenizer
from stages.train.story.corpus import Corpus, read_text, shuffle_words, split_text
from stages.train.story.language_learner import LanguageLearner
from stages.train.story.neox import make_network
from stages.train.story.recurrent import ENDLESS, make_recurrent
from stages.train.story.token_blocks import token_blocks
from stages.train.training_loop import Plan, train
from stages.train.unfinished import flatten


def train_words(
    text: Path,
    run: RunName,
    settings: TrainStory,
    out: Path,
    curves: Path,
    *,
    processes: Processes | None = None,
) -> list[Row]:
    """Train a language model on a text; the control, on its words in random order.

    Either is measured on the same held-out part of the text, in its own order, and reads through
    the same tokenizer. Without `processes` this one trains alone.

    Raises
    ------
    InputError
        If there is no text or it is too short, processes cannot share a batch, or an unfinished run
        had other parameters.
    ConcordError
        If training diverged, or another process is gone.
    """
    corpus = split_text(read_text(text), settings.held_out, text)
    learner = make_learner(corpus, run, settings, text, processes or alone())
    plan = Plan(settings.steps, settings.keep, about_run(corpus, run, settings))
    return train(learner, plan, out, curves)


def make_learner(
    corpus: Corpus,
    run: RunName,
    settings: TrainStory,
    where: object,
    processes: Processes,
) -> LanguageLearner:
    """Make the network of a run before its first update, with all that it will read."""
    processes.check_batch(settings.batch, "params.yaml: train.story.batch")
    size = settings.sizes[run.size or settings.size]
    # An LSTM has no positions, and reads on beyond the blocks that it learns from.
    longest = settings.block if size.heads else ENDLESS
    tokenizer = make_tokenizer(corpus.training, settings.vocabulary, longest)
    read = shuffle_words(corpus.training, run.seed) if run.shuffled else corpus.training
    parts = {"what is trained on": read, "what is held out": corpus.held_out}
    blocks, held_out = (
        token_blocks(tokenizer, part, settings.block, f"{where}, {name}")
        for name, part in parts.items()
    )
    with seeded(run.seed, 0):
        network = (
            make_network(size, tokenizer, settings.block)
            if size.heads
            else make_recurrent(size, tokenizer)
        )
    return LanguageLearner(
        network, tokenizer, blocks, held_out, settings=settings, seed=run.seed, processes=processes
    )


def about_run(corpus: Corpus, run: RunName, settings: TrainStory) -> dict[str, Any]:
    """Everything that determines the weights, flat."""
    chosen = settings.model_dump(exclude={"runs", "size", "sizes"})
    size = settings.sizes[run.size or settings.size].model_dump()
    return flatten(
        {
            "run": f"{run.kind}-{run.seed}",
            "text": corpus.digest,
            **chosen,
            "size": size,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__,
        }
    )
