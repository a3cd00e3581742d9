"""The roll of the story's models, and the results of several of them."""

import pandas as pd

from stages.core.results.survey import TABLES

TWINS = {"tiny": True, "tiny+untrained": False}
ZOO = TWINS | {"big": True, "big-untrained": False}


def roll_of(models=TWINS, failed=()):
    """Make the roll of models, trained or not, and of those that failed."""
    rows = [
        {"model": name, "string": f"hf:{name}", "modality": "language", "architecture": name}
        | {"seed": None if trained else 0, "trained": trained, "parameters": 1e6, "layers": 4}
        | {"width": 8, "error": ""}
        for name, trained in models.items()
    ]
    rows += [
        rows[0] | {"model": name, "modality": "", "layers": 0, "error": "it is not there"}
        for name in failed
    ]
    roll = pd.DataFrame(rows, columns=list(TABLES["models"]))
    return roll.astype({"seed": "Int64", "width": "Int64"})


def several(results, models=TWINS):
    """Repeat the results of a model for others, each with scores of its own."""
    copies = [
        results.assign(model=name, score=results["score"] * 0.9**place)
        for place, name in enumerate(models)
    ]
    return pd.concat(copies, ignore_index=True)
