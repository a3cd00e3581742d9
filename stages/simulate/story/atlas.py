"""The regions of the release's atlas (AAL), where the simulated ones lie, and what drives them."""

from dataclasses import dataclass

from stages.simulate.planted_model import Layer


@dataclass(frozen=True)
class Family:
    """A region follows the planted features of one type."""

    kind: str


@dataclass(frozen=True)
class Region:
    """A simulated region.

    Attributes
    ----------
    name : str
        In the atlas.
    centre : tuple of float
        Centre of mass in MNI millimetres (Tzourio-Mazoyer et al. 2002, rounded).
    driver : Layer, Family or None
        What its responses follow; None for nothing.
    """

    name: str
    centre: tuple[float, float, float]
    driver: Layer | Family | None


REGIONS = (
    Region("Temporal_Sup_L", (-53, -21, 7), Layer(0)),
    Region("Temporal_Sup_R", (58, -22, 7), Layer(1)),
    Region("SupraMarginal_L", (-56, -34, 30), Layer(2)),
    Region("SupraMarginal_R", (58, -32, 34), Family("Motion")),
    Region("Angular_L", (-44, -61, 36), Layer(3)),
    Region("Angular_R", (46, -60, 39), Layer(4)),
    Region("Frontal_Inf_Oper_L", (-48, 13, 19), Layer(3)),
    Region("Frontal_Inf_Oper_R", (50, 15, 21), Family("Speech")),
    Region("Frontal_Inf_Tri_L", (-46, 30, 14), Layer(5)),
    Region("Frontal_Inf_Tri_R", (50, 30, 14), Family("Part_of_speech")),
    Region("Frontal_Inf_Orb_L", (-36, 31, -12), Layer(6)),
    Region("Frontal_Inf_Orb_R", (41, 32, -12), None),
    Region("Temporal_Mid_L", (-56, -34, -2), Family("Characters")),
    Region("Precuneus_L", (-7, -56, 48), None),
    Region("Calcarine_L", (-7, -79, 6), None),
    Region("Postcentral_R", (41, -25, 53), None),
)


# A region too small to analyse, in one subject only.
TINY = Region("Pallidum_L", (-18, 0, 0), None)
