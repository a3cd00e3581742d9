"""The 116 regions of the atlas AAL (Tzourio-Mazoyer et al. 2002), by the names of Wehbe et al."""

_PAIRED = (
    "Precentral Frontal_Sup Frontal_Sup_Orb Frontal_Mid Frontal_Mid_Orb Frontal_Inf_Oper "
    "Frontal_Inf_Tri Frontal_Inf_Orb Rolandic_Oper Supp_Motor_Area Olfactory Frontal_Sup_Medial "
    "Frontal_Med_Orb Rectus Insula Cingulum_Ant Cingulum_Mid Cingulum_Post Hippocampus "
    "ParaHippocampal Amygdala Calcarine Cuneus Lingual Occipital_Sup Occipital_Mid Occipital_Inf "
    "Fusiform Postcentral Parietal_Sup Parietal_Inf SupraMarginal Angular Precuneus "
    "Paracentral_Lobule Caudate Putamen Pallidum Thalamus Heschl Temporal_Sup Temporal_Pole_Sup "
    "Temporal_Mid Temporal_Pole_Mid Temporal_Inf Cerebelum_Crus1 Cerebelum_Crus2 Cerebelum_3 "
    "Cerebelum_4_5 Cerebelum_6 Cerebelum_7b Cerebelum_8 Cerebelum_9 Cerebelum_10"
)
_VERMIS = "1_2 3 4_5 6 7 8 9 10"
# In the order of their numbers, the first being 1.
AAL_NAMES = (
    *(f"{name}_{side}" for name in _PAIRED.split() for side in "LR"),
    *(f"Vermis_{part}" for part in _VERMIS.split()),
)
# In the Wehbe release, of voxels outside the atlas.
NOT_LABELLED = "Not_labelled"
