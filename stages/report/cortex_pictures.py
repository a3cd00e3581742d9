"""The cortex as pictures whose pixels know their area, so that a page colours it without a mesh.

Each hemisphere is seen from its two sides, from below and from above. A pixel holds the number of
an area, counted from 1, or 0 for none, and how light the surface is there; one with no surface
behind it has no light.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from nilearn.datasets import load_fsaverage, load_fsaverage_data
from numpy.typing import NDArray

from stages.core.names.vocabulary import HEMISPHERES
from stages.core.pictures.surfaces import STANDARD, Mesh, Surface
from stages.report.packed_tables import packed

WIDTH, HEIGHT, MARGIN = 380, 280, 6  # pixels
# Of the triangles, how many have no edge longer than that by which all are covered with points.
MOST = 0.999
GYRUS, SULCUS = 235, 175  # light


class View(NamedTuple):
    """Directions that a picture shows to the right and upwards; axes lead right, front and up."""

    right: tuple[int, int, int]
    up: tuple[int, int, int]


RIGHT, LEFT, FRONT, BACK = (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)
UP = (0, 0, 1)
# By where the eye is and by name. From below, the outer side of a hemisphere is up; from above, the
# inner one is. The front of a left hemisphere is left, but for its inner side.
VIEWS = {
    "the sides": {
        "left lateral": View(BACK, UP),
        "left medial": View(FRONT, UP),
        "right medial": View(BACK, UP),
        "right lateral": View(FRONT, UP),
    },
    "below and above": {
        "left ventral": View(BACK, LEFT),
        "left dorsal": View(BACK, RIGHT),
        "right dorsal": View(FRONT, LEFT),
        "right ventral": View(FRONT, RIGHT),
    },
}


def cortex_of(surfaces: Mapping[str, Surface]) -> dict[str, Any]:
    """Make the pictures of the standard surface, or of the first person's own.

    Parameters
    ----------
    surfaces : mapping of str to Surface
        As `read_surfaces` has them; without one there is no cortex.

    Returns
    -------
    dict
        mesh (its name), areas (names), width, height and views (name, areas, light) by where the
        eye is, as `VIEWS` has them; empty where there is no surface.
    """
    name = next(iter(surfaces), None)
    if name is None:
        return {}
    surface = surfaces[name]
    meshes = surface.meshes or standard_meshes()
    areas = sorted(str(one) for one in surface.labels["region"].unique())
    kind = np.min_scalar_type(len(areas))
    labels = {
        side: numbered(surface.labels, side, areas, len(mesh.coordinates))
        for side, mesh in meshes.items()
    }

    def seen(title: str, view: View) -> dict[str, Any]:
        side = title.split(maxsplit=1)[0]
        found, light = picture(meshes[side], labels[side], view)
        return {"name": title, "areas": packed(found.astype(kind)), "light": packed(light)}

    views = {
        eye: [seen(title, view) for title, view in some.items()] for eye, some in VIEWS.items()
    }
    return {"mesh": name, "areas": areas, "width": WIDTH, "height": HEIGHT, "views": views}


def standard_meshes() -> dict[str, Mesh]:
    """Inflated fsaverage5 with its sulcal depth, which comes with nilearn."""
    parts = load_fsaverage(STANDARD)["inflated"].parts
    depth = load_fsaverage_data(mesh=STANDARD, data_type="sulcal").data.parts
    return {
        side: Mesh(
            np.asarray(parts[side].coordinates, np.float32),
            np.asarray(parts[side].faces, np.int32),
            np.asarray(depth[side], np.float32),
        )
        for side in HEMISPHERES
    }


def numbered(
    labels: pd.DataFrame, hemisphere: str, areas: list[str], vertices: int
) -> NDArray[np.int64]:
    """Give every vertex of a hemisphere the number of its area, from 1; 0 for none."""
    places = {area: place for place, area in enumerate(areas, start=1)}
    rows = labels[labels["hemisphere"] == hemisphere]
    made = np.zeros(vertices, np.int64)
    made[rows["vertex"].to_numpy()] = [places[str(one)] for one in rows["region"]]
    return made


def picture(
    mesh: Mesh, labels: NDArray[np.int64], view: View
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Look at a hemisphere.

    Every triangle is covered with points, each of the area of its nearest vertex; of the points
    that fall into a pixel, one of the triangle nearest to the eye is seen.

    Parameters
    ----------
    mesh : Mesh
    labels : ndarray of int, shape (n_vertices,)
    view : View

    Returns
    -------
    areas : ndarray of int, shape (HEIGHT, WIDTH)
    light : ndarray of uint8, shape (HEIGHT, WIDTH)
    """
    axes = np.array([view.right, view.up, np.cross(view.right, view.up)], np.float32)
    placed = mesh.coordinates @ axes.T  # to the right, up, and towards the eye
    sizes, middle = np.ptp(placed, axis=0), (placed.min(axis=0) + placed.max(axis=0)) / 2
    scale = min((WIDTH - 2 * MARGIN) / sizes[0], (HEIGHT - 2 * MARGIN) / sizes[1])
    corners = ((placed - middle) * scale)[mesh.faces]
    order = np.argsort(corners[..., 2].sum(axis=1), kind="stable")  # the nearest is painted last
    weights = _barycentric(_fineness(corners))
    points = np.tensordot(corners[order, :, :2], weights, axes=(1, 1))
    x = (points[:, 0] + WIDTH / 2).astype(int)
    y = (HEIGHT / 2 - points[:, 1]).astype(int)
    areas = np.zeros((HEIGHT, WIDTH), np.int64)
    light = np.zeros((HEIGHT, WIDTH), np.uint8)
    deep = np.zeros(len(labels), bool) if mesh.sulci is None else mesh.sulci > 0
    seen = mesh.faces[order][:, weights.argmax(axis=1)]
    areas[y, x] = labels[seen]
    light[y, x] = np.where(deep[seen], SULCUS, GYRUS)
    return areas, light


def _fineness(corners: NDArray[np.float32]) -> int:
    """Count the points of an edge of which every pixel gets one; corners are in pixels."""
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    return int(np.ceil(np.quantile(edges, MOST))) + 1


def _barycentric(n: int) -> NDArray[np.float64]:
    """Weights of the corners at points spread over a triangle, its edges included."""
    first, second = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
    inside = first + second <= n
    two = np.stack([first[inside], second[inside]], axis=1) / n
    return np.column_stack([two, 1 - two.sum(axis=1)])
