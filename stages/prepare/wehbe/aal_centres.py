"""Where the regions of the AAL atlas lie."""

# Centres of mass in MNI millimetres, left and right, rounded: regions large enough for a centre,
# without those whose names some lists repeat (Frontal_Mid_Orb).
_PAIRS = {
    "Precentral": ((-39, -6, 51), (41, -8, 52)),
    "Frontal_Sup": ((-18, 35, 42), (22, 31, 44)),
    "Frontal_Mid": ((-33, 33, 35), (38, 33, 34)),
    "Frontal_Inf_Oper": ((-48, 13, 19), (50, 15, 21)),
    "Frontal_Inf_Tri": ((-46, 30, 14), (50, 30, 14)),
    "Frontal_Inf_Orb": ((-36, 31, -12), (41, 32, -12)),
    "Rolandic_Oper": ((-47, -8, 14), (53, -6, 15)),
    "Supp_Motor_Area": ((-5, 5, 61), (9, 0, 62)),
    "Frontal_Sup_Medial": ((-5, 49, 31), (9, 51, 30)),
    "Insula": ((-35, 7, 3), (39, 6, 2)),
    "Cingulum_Ant": ((-4, 35, 14), (8, 37, 16)),
    "Cingulum_Mid": ((-5, -15, 42), (8, -9, 40)),
    "Hippocampus": ((-25, -21, -10), (29, -20, -10)),
    "ParaHippocampal": ((-21, -16, -21), (25, -15, -20)),
    "Calcarine": ((-7, -79, 6), (16, -73, 9)),
    "Cuneus": ((-6, -80, 27), (14, -79, 28)),
    "Lingual": ((-15, -68, -5), (16, -67, -4)),
    "Occipital_Sup": ((-17, -84, 28), (24, -81, 31)),
    "Occipital_Mid": ((-32, -81, 16), (37, -80, 19)),
    "Occipital_Inf": ((-36, -78, -8), (38, -82, -8)),
    "Fusiform": ((-31, -40, -20), (34, -39, -20)),
    "Postcentral": ((-42, -23, 49), (41, -25, 53)),
    "Parietal_Sup": ((-23, -60, 59), (26, -59, 62)),
    "Parietal_Inf": ((-43, -46, 47), (46, -46, 50)),
    "SupraMarginal": ((-56, -34, 30), (58, -32, 34)),
    "Angular": ((-44, -61, 36), (46, -60, 39)),
    "Precuneus": ((-7, -56, 48), (10, -56, 44)),
    "Putamen": ((-24, 4, 2), (28, 5, 2)),
    "Thalamus": ((-11, -18, 8), (13, -18, 8)),
    "Temporal_Sup": ((-53, -21, 7), (58, -22, 7)),
    "Temporal_Pole_Sup": ((-40, 15, -20), (48, 15, -17)),
    "Temporal_Mid": ((-56, -34, -2), (57, -37, -1)),
    "Temporal_Inf": ((-50, -28, -23), (54, -31, -22)),
}
# By name in the atlas (Tzourio-Mazoyer et al. 2002).
CENTRES = {
    f"{name}_{side}": centre
    for name, pair in _PAIRS.items()
    for side, centre in zip("LR", pair, strict=True)
}
