"""The sets of regions that NSD has for each person besides HCP-MMP1 (Allen et al. 2022).

Their names, in the order of their numbers, are those of the data manual of the release. A voxel
lies in one region of a set at most, and may lie in one of each of several sets.
"""

from collections.abc import Sequence

from stages.core.names.areas import AREAS

HCP = "HCP_MMP1"
# By the name of the set in the release.
SETS: dict[str, tuple[str, ...]] = {
    "nsdgeneral": ("nsdgeneral",),
    "streams": (
        *("early", "midventral", "midlateral", "midparietal"),
        *("ventral", "lateral", "parietal"),
    ),
    "prf-visualrois": ("V1v", "V1d", "V2v", "V2d", "V3v", "V3d", "hV4"),
    "prf-eccrois": ("ecc0pt5", "ecc1", "ecc2", "ecc4", "ecc4+"),
    "floc-faces": ("OFA", "FFA-1", "FFA-2", "mTL-faces", "aTL-faces"),
    "floc-words": ("OWFA", "VWFA-1", "VWFA-2", "mfs-words", "mTL-words"),
    "floc-places": ("OPA", "PPA", "RSC"),
    "floc-bodies": ("EBA", "FBA-1", "FBA-2", "mTL-bodies"),
}


def names_in(atlas: str) -> Sequence[str]:
    """Names of the regions of `HCP_MMP1` or of one of `SETS`, as the release spells them."""
    return AREAS if atlas == HCP else SETS[atlas]


def full_name(atlas: str, region: str) -> str:
    """Name of a region in tables: behind that of its set, but for areas of HCP-MMP1.

    RSC is an area there and, a larger one, a region that prefers places.
    """
    return region if atlas in (HCP, region) else f"{atlas}-{region}"
