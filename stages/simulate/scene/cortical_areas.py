"""Areas of the simulated cortex: where they lie, what drives them, and the voxels they have."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.names.areas import AREAS
from stages.simulate.planted_model import Layer

Ints = NDArray[np.intp]
Place = tuple[float, float, float]

# Voxels of 1.8 mm, indices from 0 to millimetres, x running from left to right as in NSD.
VOXEL_SIZE = 1.8
DIMENSIONS = (81, 104, 83)
SLAB_CENTRE = (0.0, -18.0, 8.0)
# Numbers in the volumes that are no area: not cortex, and cortex without a name.
OUTSIDE, UNKNOWN = -1, 0
UNLABELLED_VOXELS = 60
# Fewest and most voxels of an area in a hemisphere.
SIZES = (40, 80)
TINY_VOXELS = 4


@dataclass(frozen=True)
class Block:
    """An area follows one block of the planted vision model."""

    number: int

    @property
    def name(self) -> str:
        """Name in the activations contract."""
        return f"blocks.{self.number}"


@dataclass(frozen=True)
class Area:
    """A simulated area, in both hemispheres.

    Attributes
    ----------
    name : str
        In HCP-MMP1.
    centre : tuple of float
        Of the left one, in millimetres of MNI space; schematic, and mirrored for the right one.
    driver : Block, Layer or None
        What its responses follow; None for nothing.
    """

    name: str
    centre: Place
    driver: Block | Layer | None


# From posterior to anterior.
CORTEX = (
    Area("V1", (-9, -92, 2), Block(0)),
    Area("V2", (-16, -84, -14), Block(1)),
    Area("V3", (-24, -78, 20), Block(2)),
    Area("V4", (-32, -71, -14), Block(3)),
    Area("PIT", (-46, -64, -8), Block(4)),
    Area("FFC", (-40, -56, -20), Block(5)),
    Area("VVC", (-28, -48, -14), Block(6)),
    Area("TPOJ1", (-54, -42, 14), Layer(1)),
    Area("STSdp", (-54, -34, -4), Layer(2)),
    Area("3b", (-44, -26, 52), None),
    Area("A1", (-46, -20, 8), None),
    Area("4", (-36, -14, 62), None),
    Area("STSva", (-54, -6, -18), Layer(4)),
    Area("44", (-52, 14, 16), Layer(5)),
    Area("45", (-48, 28, 4), Layer(6)),
)
# An area too small to analyse, in one subject only.
TINY = Area("EC", (-20, -8, -28), None)


@dataclass(frozen=True)
class Slab:
    """The voxels of one subject.

    Attributes
    ----------
    shape : tuple of int
        Of the volume, x, y, z.
    affine : ndarray, shape (4, 4)
        From voxel indices counted from 0 to millimetres.
    voxels : ndarray of int, shape (n_voxels, 3)
        Indices from 0.
    numbers : ndarray of int, shape (n_voxels,)
        Area of each, as HCP-MMP1 counts them; `UNKNOWN` for none.
    right : ndarray of bool, shape (n_voxels,)
        In the right hemisphere.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    voxels: Ints
    numbers: Ints
    right: NDArray[np.bool_]

    def volume(self, values: NDArray[np.floating] | Ints, rest: float) -> NDArray[np.float64]:
        """Arrange values of the voxels in the volume; the rest is of one value."""
        filled = np.full(self.shape, rest, dtype=float)
        filled[tuple(self.voxels.T)] = values
        return filled

    def hemisphere(self, right: bool) -> NDArray[np.float64]:
        """Volume of the numbers of one hemisphere's areas."""
        return self.volume(np.where(self.right == right, self.numbers, OUTSIDE), OUTSIDE)


def area_number(name: str) -> int:
    """Return the number of an area in HCP-MMP1, from 1."""
    return AREAS.index(name) + 1


def mirrored(centre: Place) -> Place:
    """Find the place of the same area in the right hemisphere."""
    return (-centre[0], centre[1], centre[2])


def make_slab(areas: Sequence[Area], rng: np.random.Generator) -> Slab:
    """Place the voxels of one subject: compact areas in both hemispheres, and some without a name.

    Parameters
    ----------
    areas : sequence of Area
        `TINY` has `TINY_VOXELS` voxels in each hemisphere, others have as many as `SIZES` say.
    rng : Generator
    """
    x, y, z = (
        size + int(change) for size, change in zip(DIMENSIONS, rng.integers(-2, 3, 3), strict=True)
    )
    affine = np.diag([VOXEL_SIZE] * 3 + [1.0])
    affine[:3, 3] = np.array(SLAB_CENTRE) - VOXEL_SIZE * (np.array((x, y, z)) - 1) / 2
    grid = np.indices((x, y, z)).reshape(3, -1).T
    place = grid @ affine[:3, :3] + affine[:3, 3]
    numbers = np.full(len(grid), OUTSIDE)
    for area in areas:
        for centre in (area.centre, mirrored(area.centre)):
            size = TINY_VOXELS if area is TINY else int(rng.integers(*SIZES, endpoint=True))
            free = (numbers == OUTSIDE) & (np.sign(place[:, 0]) == np.sign(centre[0]))
            candidates = np.flatnonzero(free)
            distance = ((place[candidates] - centre - rng.normal(0, 1, 3)) ** 2).sum(axis=1)
            nearest = np.argpartition(distance, size)[:size]
            numbers[candidates[nearest]] = area_number(area.name)
    around = np.flatnonzero(numbers == OUTSIDE)
    numbers[rng.choice(around, UNLABELLED_VOXELS, replace=False)] = UNKNOWN
    kept = np.flatnonzero(numbers != OUTSIDE)
    return Slab((x, y, z), affine, grid[kept], numbers[kept], place[kept, 0] > 0)
