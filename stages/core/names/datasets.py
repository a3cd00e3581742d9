"""The names of datasets, by the study that they belong to, and the stages that make them anew."""

import re

STORIES = ("simulated", "wehbe", "alice", "naturalstories", "sherlock2017", "ucl2013")
SCENES = ("nsd-simulated", "nsd", "kriegeskorte2008")


def study_of(where: object) -> str | None:
    """`story` or `scene`: the study whose dataset a path, or a message's place, names."""
    words = re.split(r"[/:,\s]+", str(where))
    for study, datasets in (("story", STORIES), ("scene", SCENES)):
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
