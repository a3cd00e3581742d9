"""What the folder of areas holds: pictures and their data, by the name of the file."""

import pandas as pd
from matplotlib.figure import Figure

from stages.core.results.area_alignment import HALVES, WHOLE
from stages.plots.kit.picture import Files, folder_files
from stages.plots.scene.area_squares import area_means, area_squares
from stages.plots.scene.end_dots import end_dots, end_means
from stages.plots.scene.joint_map import joint_map
from stages.plots.scene.person_curves import person_curves

FOLDER = "areas"
KINDS = (
    "Showings apart: one area from the first showing of the images, the other from the last. Means "
    "of trials have in common what goes with time in a session, between people too where all see "
    "the images in one order; the same trials of a person have their noise in common as well. "
    "By ceiling: without noise, 1 is one geometry; grey where repeats do not tell. Each square has "
    "its own scale. Dots: q < .05 in most pairs."
)


def areas_files(
    areas: pd.DataFrame,
    space: tuple[pd.DataFrame, pd.DataFrame],
    ends: pd.DataFrame,
    curves: pd.DataFrame,
) -> Files:
    """Draw how areas align with each other, and where layers lie among them.

    Parameters
    ----------
    areas, ends, curves : DataFrame
    space : tuple of DataFrame
        The points of the maps, and how true these are.
        All are from `stages.core.results.area_alignment`.
    """
    means = area_means(areas)
    about = f"{areas['dataset'].iloc[0]}, {areas['metric'].iloc[0]}" if len(areas) else ""
    whole, halves = (means[means["parts"] == parts] for parts in (WHOLE, HALVES))
    chosen = end_means(ends)
    drawn: dict[str, tuple[Figure | None, str]] = {
        "areas": (
            area_squares(whole, f"Areas beside areas: {about}"),
            f"Alignment of every two areas, mean over people. {KINDS}",
        ),
        "hemispheres": (
            area_squares(halves, f"Areas of both hemispheres: {about}"),
            f"Alignment of every two areas of a hemisphere, left ones first. {KINDS}",
        ),
        "space": (
            joint_map(*space, f"Layers among areas: {about}"),
            "Layers (dots, joined in order of depth) and areas (squares) by the angle between "
            "their kernels, the arc cosine of CKA, without the noise of areas where repeats tell "
            "it. Above UMAP, which keeps neighbours: how far groups are apart on it means nothing. "
            "Below classical scaling, which keeps distances as far as a plane can.",
        ),
        "layers": (
            end_dots(chosen, f"First, best and last layers: {about}"),
            "Alignment of the first and last layer of each trained model, and of the one that the "
            "same area of the other people chooses, with the areas of each hemisphere; grey dots "
            "are best layers of untrained twins, strokes what a model of the area's geometry would "
            "reach. Mean over people.",
        ),
        "people": (
            person_curves(curves, f"Layers, person by person: {about}"),
            "Alignment of every layer of each trained model with each area, a line per person. "
            "Rings are each person's highest score, which no other data chose; grey, the mean of "
            "untrained twins; strokes, what a model of the area's geometry would reach.",
        ),
    }
    tables = {"areas": whole, "hemispheres": halves, "space": space[0]}
    tables |= {"layers": chosen, "people": curves}
    return folder_files(FOLDER, drawn, tables)
