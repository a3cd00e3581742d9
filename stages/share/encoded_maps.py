"""Maps of encoding, whether of words or of images: how well layers predict voxels and vertices."""

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.recording.types import Subject
from stages.share.bids_labels import joined, label
from stages.share.derivative_folder import Derivative
from stages.share.image_files import write_map, write_mask
from stages.share.painted_voxels import spread
from stages.share.vertex_maps import write_vertices


def write_encoding(made: Derivative, subject: Subject, table: pd.DataFrame) -> None:
    """Write r of every hidden layer and of the layers chosen, and where the latter is found."""
    for model, rows in table.groupby("model", sort=False):
        hidden = rows[(rows["kind"] == "hidden") & (rows["metric"] == "r")]
        for layer, some in hidden.groupby("layer", sort=False):
            desc = joined("encode", str(model), str(layer))
            made.describe(desc, f"Encoding: layer {layer} of model {model}")
            _write_scores(made, subject, some, "r", (desc, desc))
        chosen = rows[rows["kind"] == "nested"]
        desc = joined("encode", str(model), "chosen")
        text = f"Encoding: model {model}, the layer chosen by inner folds"
        made.describe(desc, text)
        for metric, what in (("r", "chosen"), ("r_partial", "chosenPartial")):
            some = chosen[chosen["metric"] == metric]
            if len(some):
                mask = made.describe(joined("encode", str(model), what), text)
                _write_scores(made, subject, some, metric, (desc, mask))
        _write_found(made, subject, chosen[chosen["metric"] == "r"], str(model))


def write_encoded_vertices(made: Derivative, subject: Subject, table: pd.DataFrame) -> None:
    """Write r of every hidden layer, and the layers chosen: scores, and where they are found."""
    for model, rows in table.groupby("model", sort=False):
        hidden = rows[(rows["kind"] == "hidden") & (rows["metric"] == "r")]
        maps = {
            f"r, {layer}": spread(subject, some, "score")
            for layer, some in hidden.groupby("layer", sort=False)
        }
        desc = joined("encode", str(model))
        write_vertices(made, subject, maps, desc, made.described[desc])
        chosen = rows[(rows["kind"] == "nested") & rows["metric"].isin(["r", "r_partial"])]
        by_metric = dict(list(chosen.groupby("metric", sort=False)))
        maps = {str(metric): spread(subject, some, "score") for metric, some in by_metric.items()}
        if "r" in by_metric:
            q = spread(subject, by_metric["r"], "q")
            maps[f"q < {SIGNIFICANT}"] = (q < SIGNIFICANT).astype(float)
        text = f"Encoding: model {model}, the layer chosen by inner folds"
        write_vertices(made, subject, maps, joined("encode", str(model), "chosen"), text)


def _write_scores(
    made: Derivative, subject: Subject, rows: pd.DataFrame, metric: str, descs: tuple[str, str]
) -> None:
    """Write a map, 0 where nothing was scored, and a mask that says where."""
    desc, mask = descs
    values = spread(subject, rows, "score")
    about = {
        "Description": made.described[desc],
        "Statistic": metric,
        "Split": sorted(set(rows["split"])),
        "Mask": made.image(subject.name, "mask", ".nii.gz", desc=mask).name,
    }
    write_mask(made, subject, np.isfinite(values), mask, "Where responses were predicted")
    write_map(made, subject, values, stat=label(metric), desc=desc, about=about)


def _write_found(made: Derivative, subject: Subject, chosen: pd.DataFrame, model: str) -> None:
    """Write in which voxels something is found."""
    if chosen.empty:
        return
    text = f"Encoding: where model {model} predicts, q < {SIGNIFICANT} (layer chosen, metric r)"
    desc = made.describe(joined("encode", model, "found"), text)
    write_mask(made, subject, spread(subject, chosen, "q") < SIGNIFICANT, desc, text)
