"""What a report says of the pictures of the story study."""

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.results.shown import shown_subject
from stages.plots.kit.hemispheres import MEANS
from stages.plots.kit.picture import counted
from stages.plots.kit.planted import Truth

_CARRIED = "Held-out r of every feature"
PLANTED = "; regions are grouped by what drives them, planted layers outlined"
SHUFFLED = "SHUFFLED FOLDS: neighbours in time are in training and test data"
_Q = "a dot marks q < .05"
_MOST = f"{_Q} for most features of a type"
_UPHELD = (
    f"{_MOST}, against shifts as against other orders of the words, and in hidden states beyond "
    "the nuisance variables"
)
_ALIKE = "Spearman correlation of the profiles of {regions} ({whose}) and of the layers of {below}"
_CELLS = f"{_Q}, a box the layer that a region prefers, where q < .05 for the preference too"

# By the picture's name; what is in braces is given by `facts`.
CAPTIONS = {
    "encode/regions": (
        "Held-out r of {regions} ({whose}) predicted from every layer and control, beside the "
        f"ceiling, for {{below}}; {_Q}{{voxels}}, grey what was not measured{{planted}}."
    ),
    "encode/layers": (
        "Held-out r of {regions} ({whose}) along the layers of {dashed}; the band holds 95 % of "
        "the null of the hidden states of {model}, lines across are the ceiling and what the "
        "nuisance variables alone reach."
    ),
    "encode/models": (
        "Held-out r of {regions} ({whose}) along the relative depth of {models}, the untrained "
        "ones dashed in grey; a dot stands at the layer chosen in the inner folds, as high as the "
        "score of that choice, filled where q < .05{voxels}; the band holds 95 % of the null of "
        "{model}, the line across is the ceiling."
    ),
    "encode/best": (
        "Held-out r of {regions} ({whose}) predicted from the layer of each of {models} that is "
        "chosen in the inner folds; a dot is filled where q < .05{voxels}, grey if the model is "
        "untrained; the band holds 95 % of the null of {model}, the line is the ceiling."
    ),
    "probe/families": (
        f"Held-out r of types of features read from every layer of {{below}}; {_UPHELD}."
    ),
    "probe/heads": (
        f"Held-out r of types of features read from every attention head of {{below}}; {_MOST}."
    ),
    "probe/models": (
        "Held-out r of types of features along the relative depth of {models}, the untrained ones "
        "dashed in grey; the band holds 95 % of the null of {model}."
    ),
    "decode/regions": (
        f"Held-out r of types of features read from {{regions}} ({{whose}}); {_MOST}."
    ),
    "profile/regions": f"{_ALIKE}, over all features; {_CELLS}.",
    "profile/families": f"{_ALIKE}, within families of features; {_CELLS}.",
    "profile/discourse_syntax": (
        "Spearman correlation of profiles within families of features, by layer (mean over "
        "{regions}, {whose}) and by region (mean over hidden layers), for {across}, before 95 % "
        "of the null; a dot marks q < .05 for most of what is averaged, a ring for some."
    ),
    "profile/features": (
        "Held-out r of every feature in {regions} ({whose}) against that in the hidden layers of "
        "{below}, means of both; a dot is filled where the feature is found (q < .05) in at least "
        "one region and one layer, and has the colour of its family; both are equal on the dashed "
        "line."
    ),
}


def facts(
    results: pd.DataFrame, names: list[str], n_models: int = 0, truth: Truth | None = None
) -> dict[str, str]:
    """Say what the captions leave open.

    Parameters
    ----------
    results : DataFrame
    names : list of str
        The model that the study is about, and its untrained twin; empty if it is about no model.
    n_models : int
        How many are compared.
    truth : mapping of str to Planted, optional
        By region, what drives it, where that is known.
    """
    return {
        "regions": counted(len(set(results["region"]) - {"", *MEANS}), "region"),
        "whose": _whose(results),
        "models": counted(n_models, "model"),
        "model": "".join(names[:1]),
        "below": _and_twin(names, "below"),
        "dashed": _and_twin(names, "dashed in grey"),
        "voxels": " for most voxels" if (results["target"] != "").any() else "",
        "planted": PLANTED if truth else "",
        "across": _and_twin(names, "grey dashes across the bars"),
    }


def heading(what: str, results: pd.DataFrame, about: str) -> str:
    """Make a title that names the recording, the models if any, and the subject shown.

    Where folds were shuffled it says so.
    """
    split = results["split"] if "split" in results else pd.Series(dtype=str)
    leaks = SHUFFLED if split.str.contains("shuffled").any() else ""
    return f"{what}: " + ", ".join(
        name for name in (results["dataset"].iloc[0], about, _whose(results), leaks) if name
    )


def _whose(results: pd.DataFrame) -> str:
    """Say whose brain is shown, and how many are averaged."""
    subject = shown_subject(results)
    people = set(results["subject"]) - {GROUP, ""}
    return f"average of {counted(len(people), 'subject')}" if subject == GROUP else subject


def _and_twin(names: list[str], how: str) -> str:
    """Name a model and, if it has one, its untrained twin and how that is shown."""
    model, *others = names or [""]
    return " and ".join([model, *(f"its untrained twin {name} ({how})" for name in others)])
