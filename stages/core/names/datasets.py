"""The names of datasets, by the study that they belong to, and the stages that make them anew."""

import re

LANGUAGE = "language"
LANGUAGE_FLOW = "data/language/dvc.yaml"
STORIES = (
    *("simulated", "wehbe", "alice", "naturalstories", "sherlock2017", "ucl2013"),
    *("bids", "table"),
)
# A laboratory's own, whose regions and people nobody knows beforehand.
OWN = ("bids", "table")
# Recordings of words and sentences that are studied beside those of stories.
ASSEMBLIES = (
    "pereira2018-simulated",
    "futrell2018-simulated",
    "pereira2018-243",
    "pereira2018-384",
    "fedorenko2016",
    "blank2014",
    "futrell2018",
    "sherlock2017-scenes",
)
# Those whose regions are the areas of HCP-MMP1; a region `44` or `V4` of another is not.
OF_AREAS = ("nsd-simulated", "nsd")
SCENES = ("nsd-simulated", "nsd", "kriegeskorte2008", "v4_cowley2023", "bids", "table")


def study_of(where: object) -> str | None:
    """`language`, `story` or `scene`: whose dataset a path, or a message's place, names.

    Folders of the study of language have its name above that of the recording. None if it names no
    dataset, or one that stories and scenes may both be of.
    """
    words = re.split(r"[/:,\s]+", str(where))
    own = (LANGUAGE, *ASSEMBLIES)
    if any(name in words for name in own):
        return LANGUAGE
    named = [
        study
        for study, datasets in (("story", STORIES), ("scene", SCENES))
        if any(name in words for name in datasets)
    ]
    return named[0] if len(named) == 1 else None


def rerun(verb: str, where: object) -> str:
    """Say how to make something anew: by the stage of this verb, of the study at hand.

    Parameters
    ----------
    verb : str
        That both studies have, such as `prepare`.
    where : object
        A path in which the dataset's name is a folder's, or the place that a message names.
    """
    study = study_of(where)
    flow = f"{LANGUAGE_FLOW}:" if study == LANGUAGE else ""
    return "Run `dvc repro`." if study is None else f"Run `dvc repro {flow}{verb}_{study}`."
