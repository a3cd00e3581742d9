"""A model's lineage is told by its name."""

import pytest

from stages.core.names.lineages import lineage


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("distilroberta-base", "roberta"),
        ("xlm-roberta-large", "roberta"),
        ("albert-xxlarge-v2", "albert"),
        ("distilbert-base-uncased", "bert"),
        ("openaigpt", "gpt"),
        ("xlnet-large-cased", "xlnet"),
        ("xlm-clm-enfr-1024", "xlm-mlm"),
        ("t5-11b", "t5"),
        ("skip-thoughts", "skip"),
        ("EleutherAI/pythia-70m-deduped", "pythia"),
        ("pythia-1.4b", "pythia"),
        ("all-MiniLM-L6-v2", "minilm"),
        ("HuggingFaceTB/SmolLM2-135M", "smollm"),
        ("meta-llama/Llama-2-7b-hf", "llama"),
        ("huggyllama/llama-7b", "llama"),
        ("microsoft/DialoGPT-small", "gpt"),
        ("/models/gpt2/", "gpt"),
        ("6b", "6b"),
        ("", ""),
    ],
)
def test_lineage(model, named):
    assert lineage(model) == named
