"""The regions that the recordings of stories have, by name."""

from stages.core.names.aal import AAL_NAMES

# Of Alice, in the order of the columns (Brennan et al. 2016).
ALICE_REGIONS = ("LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG")
# Of the Natural Stories, where it stands in place of a region.
READING_TIME = "reading_time"

STORY_REGIONS = (*AAL_NAMES, *ALICE_REGIONS, READING_TIME)
