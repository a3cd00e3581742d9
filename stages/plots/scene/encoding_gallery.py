"""What the folder of encoding holds: pictures and their data, by the name of the file."""

import pandas as pd

from stages.core.names.vocabulary import NOISE, SIGNIFICANT
from stages.core.results.encoded_images import ALIGNMENT, ENCODING
from stages.core.run.errors import ConcordError
from stages.plots.kit.picture import Files, counted, folder_files
from stages.plots.scene.encoding_dots import encoding_dots, layer_curves, region_means

FOLDER = "encode_scene"


def encoding_scene_files(table: pd.DataFrame, intervals: pd.DataFrame) -> Files:
    """Draw how models predict the voxels of each region beside how they align with it.

    Parameters
    ----------
    table : DataFrame
        From `stages.core.results.encoded_images.read_beside`.
    intervals : DataFrame
        Of encoding, with the columns `INTERVALS` of `stages.core.results.pairs`.

    Raises
    ------
    ConcordError
        If no model could be run.
    """
    if table.empty:
        raise ConcordError("nothing was encoded", where="the table of encoding", do="See the roll.")
    nested, layers = (table[table["kind"] == kind] for kind in ("nested", "layer"))
    means = region_means(nested, intervals)
    dataset, metric = table["dataset"].iloc[0], _metric(table)
    people = counted(table["subject"].nunique(), "subject")
    title = f"Predicted voxels beside alignment ({metric}), {dataset}, {people}"
    note = _note(nested)
    drawn = {
        "regions": (
            encoding_dots(means, title),
            "Left: r of ridge regression on images that were not fitted, the mean over a region's "
            f"reliable voxels. Right: {metric} of the same layers' geometry. Each by the layer "
            "that other data chose, the mean over subjects; lines are 95 % intervals, had these "
            f"people seen other images. {note}",
        ),
        "layers": (
            layer_curves(layers, f"{title}, by layer"),
            "Mean over regions and subjects of the scores of every layer, above r of voxels that "
            f"were predicted, below {metric}.",
        ),
    }
    tables = {"regions": means, "layers": layers.drop(columns=["kind", "q_family"])}
    return folder_files(FOLDER, drawn, tables)


def _metric(table: pd.DataFrame) -> str:
    names = table.loc[table["measure"] == ALIGNMENT, "metric"]
    return str(names.iloc[0]) if len(names) else "alignment"


def _note(nested: pd.DataFrame) -> str:
    """Say of how many regions of people noise predicts something."""
    encoded = nested[nested["measure"] == ENCODING]
    if len(encoded) and encoded["q"].isna().all():
        return "Predictions were tested voxel by voxel: no dot to the left is hollow."
    rows = encoded[encoded["modality"] == NOISE]
    if rows.empty:
        return "There is no noise model."
    found = int((rows["q"] < SIGNIFICANT).sum())
    return f"Layers of noise predict {found} of {counted(len(rows), 'region')} (q < .05)."
