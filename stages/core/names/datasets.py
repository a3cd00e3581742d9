"""The names of datasets, by the study that they belong to, and the stages that make them anew."""

import re

LANGUAGE = "language"
STORIES = ("simulated", "wehbe", "alice", "naturalstories", "sherlock2017", "ucl2013", "bids")
# Recordings of words and sentences that are studied beside those of stories.
ASSEMBLIES = (
    "pereira2018-simulated",
    "futrell2018-simulated",
    "pereira2018-243",
    "pereira2018-384",
    "fedorenko2016",
    "blank2014",
    "futrell2018",
)
SCENES = ("nsd-simulated", "nsd", "kriegeskorte2008")


def study_of(where: object) -> str | None:
    """`language`, `story` or `scene`: whose dataset a path, or a message's place, names.

    Folders of the study of language have its name above that of the recording.
    """
    words = re.split(r"[/:,\s]+", str(where))
    own = (LANGUAGE, *ASSEMBLIES)
    for study, datasets in ((LANGUAGE, own), ("story", STORIES), ("scene", SCENES)):
        if any(name in words for name in datasets):
            return study
    return None


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
    return "Run `dvc repro`." if study is None else f"Run `dvc repro {verb}_{study}`."
