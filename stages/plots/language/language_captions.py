"""What a report says of the pictures of a language study."""

import pandas as pd

from stages.core.results.language_tasks import MEDIAN, SUMMARIES
from stages.plots.kit.picture import counted

_R = (
    "r is over the models drawn, with its 95 % interval over lineages of models, those that "
    "share an architecture's name"
)

# By the picture's name; what is in braces is given by `language_facts`.
CAPTIONS = {
    "benchmarks": (
        "Score of {models} on {recordings}: {interval}; untrained twins hollow, the dashed line is "
        "the ceiling, which is one; where a recording has none, held-out r{further}."
    ),
    "regions": (
        "Held-out r of every region predicted from the layer of each of {models} that inner folds "
        "choose, on {recordings}; a dot marks q < .05, control regions stand apart."
    ),
    "layers": (
        "Score along the relative depth of {models}, means over regions; a dot "
        "stands at the layer {chosen}{null}."
    ),
    "next_word": f"Score of trained models against how well they predict words; {_R}.",
    "surprisal": (
        "Correlation of responses with how unexpected every word was to a model, dots, and that "
        "given the nuisance variables, diamonds, filled where p < .05 (not corrected)."
    ),
    "recordings": f"Score of trained models on one recording against that on another; {_R}.",
    "trained_untrained": (
        f"Score of trained models against the mean of their untrained twins'; {_R}."
    ),
    "relations": (
        "Correlation over trained models of the score on each recording with other quantities, "
        "with its 95 % interval over lineages of models; bold where that is on one side of 0; "
        "grey was not measured or has too few models."
    ),
    "preferences": (
        "Which layers inner folds choose, of n regions or voxels of people (of the "
        "average where nobody else is), control regions left out: a dot at the relative depth of "
        "each layer, as large as its share."
    ),
    "networks": (
        "Held-out r of the language network less that of a network which language does not drive, "
        "in the same people: means over people with 95 % intervals, of every model. A network that "
        "people share less is predicted less: the ceilings of both stand above."
    ),
    "ceilings": (
        "Correlation of a person held out with the mean of so many others, by recording and "
        "region: dots are people, the dashed curve leads to infinitely many others, the line is "
        "the ceiling before its 95 % interval, and the numbers are the ceiling and how many others "
        "it takes until one more adds less than .0005."
    ),
}
EMPTY = "No model was scored on a recording: there is nothing to draw."


def crowd(models: pd.DataFrame) -> str:
    """Count models, their untrained twins and controls apart."""
    each = models.drop_duplicates("model")
    control = each["control"].astype(bool)
    trained = each["trained"] & ~control
    counts = {"model": trained, "untrained twin": ~trained & ~control, "control": control}
    told = [counted(int(are.sum()), what) for what, are in counts.items() if are.any()]
    return " and ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else "".join(told)


def language_facts(models: pd.DataFrame) -> dict[str, str]:
    """Say what the captions leave open.

    Parameters
    ----------
    models : DataFrame
        From `model_scores`.
    """
    published = bool((models["subject"] == MEDIAN).all())
    interval = "lines are 95 % intervals over other stimuli"
    if published:
        interval = "lines are 1.4826 median absolute deviations over people to either side"
    further = [
        told
        for name, told in (
            ("beyond", "upright dashes are what goes beyond the nuisance variables"),
            ("nuisance", "the grey line is what these reach alone"),
            ("people_value", "diamonds are means over people, over a ceiling whose 95 % interval "
             "is the band"),
        )
        if models[name].notna().any()
    ]  # fmt: skip
    return {
        "models": crowd(models),
        "recordings": counted(len(set(models["recording"]) - set(SUMMARIES)), "recording"),
        "interval": interval,
        "chosen": (
            "that is best, chosen on the scores shown"
            if published
            else "that inner folds choose most often"
        ),
        "null": "" if published else "; the band holds 95 % of the null of a panel's first model",
        "further": "".join(f"; {one}" for one in further),
    }
