"""What a report is made of: which file each part is in, and which command makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stages.core.names.datasets import LANGUAGE_FLOW
from stages.core.run.files import lies_there


@dataclass(frozen=True)
class Part:
    """A file or folder of results that a report shows.

    Attributes
    ----------
    study : str
    what : str
        For readers.
    path : str
        From the folder of the results.
    command : str
        That makes it.
    """

    study: str
    what: str
    path: str
    command: str


TRAINING = "data/training/dvc.yaml"


def _part(study: str, what: str, path: str, stage: str) -> Part:
    return Part(study, what, path, " ".join(["dvc", "repro", stage]))


PARTS = {
    "encode": _part("story", "layers beside regions", "encode.parquet", "survey_story"),
    "probe": _part("story", "features in layers", "probe.parquet", "survey_story"),
    "models": _part("story", "models", "models.parquet", "survey_story"),
    "decode": _part("story", "features in regions", "decode.parquet", "decode"),
    "decode_maps": _part("story", "weights of decoders in the volume", "decode_maps", "decode"),
    "profile": _part("story", "profiles of regions and layers", "profile.parquet", "profile"),
    "story_ceilings": _part("story", "ceilings", "ceilings_story.parquet", "ceilings_story"),
    "survey": _part("scene", "layers beside areas, models", "survey", "survey_scene"),
    "scene_ceilings": _part("scene", "ceilings", "ceilings.parquet", "ceilings"),
    "scene_relations": _part(
        "scene", "alignment beside performance and size", "relate.parquet", "relate"
    ),
    "language": _part(
        "language",
        "models and recordings",
        "language/scores.parquet",
        f"{LANGUAGE_FLOW}:survey_language",
    ),
    "language_ceilings": _part(
        "language", "ceilings", "language/ceilings", f"{LANGUAGE_FLOW}:ceilings_language"
    ),
    "language_relations": _part(
        "language",
        "relations over models",
        "language/relations.parquet",
        f"{LANGUAGE_FLOW}:relate_language",
    ),
    "trajectory_story": _part(
        "training", "courses of the story", "trajectory/story", f"{TRAINING}:trajectory_story"
    ),
    "trajectory_scene": _part(
        "training", "courses of the scenes", "trajectory/scene", f"{TRAINING}:trajectory_scene"
    ),
    "ladder": _part("ladder", "what was held against every claim", "ladder", "ladder"),
    "ladder_training": _part(
        "ladder",
        "what was held against every claim about training",
        "ladder_training",
        f"{TRAINING}:ladder_training",
    ),
    "calibration": _part(
        "checks",
        "how often tests and intervals are wrong",
        "calibration.parquet",
        "metrics/dvc.yaml:calibrate",
    ),
    "replication": _part(
        "checks",
        "published numbers, derived again",
        "replicate.parquet",
        "metrics/dvc.yaml:replicate",
    ),
}


def is_there(results: Path, name: str) -> bool:
    """Say whether a part was made."""
    return lies_there(results / PARTS[name].path)


def called(results: Path, others: Mapping[str, str]) -> list[dict[str, str | bool]]:
    """Call the roll of the parts: study, what, path, command, and whether each is there.

    Parameters
    ----------
    results : Path
    others : mapping
        Parts of which something else is there, and of which recording: not what is called.
    """
    return [
        {
            "name": name,
            "study": part.study,
            "what": part.what
            + (f" (what is there is of {others[name]})" if name in others else ""),
            "path": part.path,
            "command": part.command,
            "there": name not in others and is_there(results, name),
        }
        for name, part in PARTS.items()
    ]
