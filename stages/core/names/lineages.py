"""Lineages of language models: those that share an architecture's name are no independent samples.

By the names alone, as the 43 models of Schrimpf et al. (2021, PNAS) have them.
"""

LINEAGES = ("roberta", "albert", "bert", "gpt", "xlnet", "xlm-mlm", "xlm-clm", "t5")
MERGED = {"xlm-clm": "xlm-mlm"}


def lineage(model: str) -> str:
    """Name the lineage of a model: the first of `LINEAGES` that its name holds, else itself."""
    named = next((one for one in LINEAGES if one in model), model)
    return MERGED.get(named, named)
