"""The regions that the recordings of stories have, by name."""

from stages.core.names.aal import AAL_NAMES

# Of Alice, in the order of the columns (Brennan et al. 2016).
ALICE_REGIONS = ("LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG")
# Of the Natural Stories, where it stands in place of a region.
READING_TIME = "reading_time"
# Of Sherlock (Chen et al. 2017), by the names of the files: early auditory and visual cortex,
# posterior medial and medial prefrontal cortex, posterior parahippocampal cortex, hippocampus.
SHERLOCK_REGIONS = (
    "aud_early",
    "early_visual",
    "pmc_nn",
    "ddmn_mpfc",
    "post_parahipp",
    "bilateral_hipp",
)
# The third of them, voxel by voxel.
PMC_VOXELS = "pmc_voxels"
# Of UCL's sentences, beside reading times: potentials and eye-tracking times.
ERP_COMPONENTS = ("ELAN", "LAN", "N400", "EPNP", "P600", "PNP")
EYE_TRACKING = ("first_fixation", "first_pass", "right_bounded", "go_past")

# The network of regions that language drives, as assemblies of sentences have it.
LANGUAGE_NETWORK = "language"
# Networks of those assemblies that language does not drive, or not alone.
CONTROL_NETWORKS = ("auditory", "visual", "MD", "DMN")

STORY_REGIONS = (
    *AAL_NAMES,
    *ALICE_REGIONS,
    READING_TIME,
    *SHERLOCK_REGIONS,
    PMC_VOXELS,
    *ERP_COMPONENTS,
    *EYE_TRACKING,
    LANGUAGE_NETWORK,
    *CONTROL_NETWORKS,
)
