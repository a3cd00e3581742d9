"""Lineages of language models: those that share an architecture's name are no independent samples.

By the names alone, as the 43 models of Schrimpf et al. (2021, PNAS) have them.
"""

import re

LINEAGES = ("roberta", "albert", "bert", "gpt", "xlnet", "xlm-mlm", "xlm-clm", "t5")
MERGED = {"xlm-clm": "xlm-mlm"}
# What names begin with that tells the training data of sentence-transformers.
TRAINED_ON = "all-"


def lineage(model: str) -> str:
    """Name the lineage of a model, without regard to who owns it.

    It is the first of `LINEAGES` that the name holds, and else the letters that the name begins
    with: `EleutherAI/pythia-70m` and `pythia-160m` are of `pythia`. Case says nothing: `Llama-2-7b`
    and `llama-7b` are of `llama`.
    """
    name = model.rstrip("/").rsplit("/", 1)[-1].lower().removeprefix(TRAINED_ON)
    begun = re.match(r"[a-z]+", name)
    own = begun.group() if begun else name
    named = next((one for one in LINEAGES if one in name), own)
    return MERGED.get(named, named)
