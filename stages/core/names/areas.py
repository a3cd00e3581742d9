"""The 180 areas of a hemisphere in the atlas HCP-MMP1 (Glasser et al. 2016), and their networks.

In NSD's volumes, area k has the number k counted from 1 in both hemispheres. An area belongs to
that one of the seven networks of Yeo et al. (2011) in which most of its vertices lie on the surface
of the Human Connectome Project: visual, somatomotor, dorsal and ventral attention, limbic,
frontoparietal, default; their share is its purity. 22 areas are in another network in the right
hemisphere than in the left, 9 lie by less than half in that of both, and H and Pir in none. On
fsaverage 346 of all 360 are in the same; of the other 14 none has a purity above .67.
"""

import math
from collections.abc import Iterable

from stages.core.names.datasets import OF_AREAS

NETWORKS = ("VIS", "SOM", "DAN", "VAN", "LIM", "FPN", "DMN")
MIXED = 0.5  # purity below which an area is no clear part of its network

# Network and purity on the left, on the right, and in both together, by `tests/area_networks.py`.
_TABLE = """
V1 VIS 1 VIS 1 VIS 1, MST DAN .521 VIS .684 VIS .584, V6 VIS 1 VIS 1 VIS 1, V2 VIS 1 VIS 1 VIS 1,
V3 VIS 1 VIS 1 VIS 1, V4 VIS 1 VIS 1 VIS 1, V8 VIS 1 VIS 1 VIS 1, 4 SOM 1 SOM 1 SOM 1,
3b SOM 1 SOM 1 SOM 1, FEF DAN .725 DAN .514 DAN .611, PEF DAN .903 DAN .758 DAN .822,
55b DMN .300 VAN .439 FPN .266, V3A VIS 1 VIS 1 VIS 1, RSC DMN .536 DMN .511 DMN .523,
POS2 FPN .376 FPN .408 FPN .392, V7 VIS 1 VIS 1 VIS 1, IPS1 DAN .622 VIS .532 DAN .553,
FFC VIS .623 VIS .928 VIS .783, V3B VIS 1 VIS 1 VIS 1, LO1 VIS 1 VIS 1 VIS 1,
LO2 VIS 1 VIS 1 VIS 1, PIT VIS 1 VIS 1 VIS 1, MT VIS .931 VIS 1 VIS .960, A1 SOM 1 SOM 1 SOM 1,
PSL VAN .479 VAN .909 VAN .701, SFL DMN .849 DMN .580 DMN .743, PCV DMN .671 DAN .415 DMN .503,
STV DMN .587 VAN .703 VAN .406, 7Pm FPN .723 FPN .625 FPN .674, 7m DMN 1 DMN 1 DMN 1,
POS1 DMN .773 DMN .778 DMN .776, 23d DMN .938 DMN .602 DMN .742, v23ab DMN 1 DMN 1 DMN 1,
d23ab DMN 1 DMN 1 DMN 1, 31pv DMN 1 DMN 1 DMN 1, 5m SOM 1 SOM 1 SOM 1,
5mv VAN .754 VAN .732 VAN .742, 23c VAN .782 VAN .844 VAN .814, 5L SOM .819 SOM .832 SOM .826,
24dd SOM .919 SOM .972 SOM .947, 24dv SOM .667 SOM .752 SOM .711, 7AL DAN .789 DAN .701 DAN .749,
SCEF VAN .571 VAN .834 VAN .699, 6ma VAN .596 VAN .598 VAN .597, 7Am DAN .856 DAN 1 DAN .926,
7PL DAN 1 DAN 1 DAN 1, 7PC DAN .860 DAN .776 DAN .815, LIPv DAN 1 DAN .942 DAN .968,
VIP DAN 1 DAN 1 DAN 1, MIP DAN 1 DAN 1 DAN 1, 1 SOM 1 SOM 1 SOM 1, 2 SOM .894 SOM .869 SOM .881,
3a SOM 1 SOM 1 SOM 1, 6d SOM .987 SOM .994 SOM .991, 6mp SOM .996 SOM .773 SOM .882,
6v SOM .541 SOM .547 SOM .545, p24pr VAN .704 VAN .804 VAN .757, 33pr FPN .509 VAN .573 VAN .531,
a24pr VAN .872 VAN .943 VAN .898, p32pr VAN 1 VAN 1 VAN 1, a24 DMN 1 DMN 1 DMN 1,
d32 DMN 1 DMN .854 DMN .926, 8BM DMN .506 FPN .731 FPN .613, p32 DMN 1 DMN 1 DMN 1,
10r DMN .979 DMN 1 DMN .988, 47m DMN .755 DMN .738 DMN .746, 8Av DMN .955 FPN .899 DMN .520,
8Ad DMN .979 DMN .979 DMN .979, 9m DMN 1 DMN 1 DMN 1, 8BL DMN 1 DMN 1 DMN 1,
9p DMN 1 DMN .913 DMN .964, 10d DMN .948 DMN .932 DMN .941, 8C FPN .805 FPN .996 FPN .898,
44 DMN .424 FPN .614 FPN .486, 45 DMN .870 DMN .689 DMN .797, 47l DMN .991 DMN .800 DMN .895,
a47r DMN .710 FPN .713 DMN .500, 6r VAN .603 VAN .570 VAN .586, IFJa FPN .955 FPN .886 FPN .922,
IFJp FPN .517 DAN .952 DAN .680, IFSp FPN .883 FPN .962 FPN .928, IFSa FPN .874 FPN .718 FPN .797,
p9-46v FPN 1 FPN 1 FPN 1, 46 FPN .549 FPN .770 FPN .667, a9-46v FPN 1 FPN 1 FPN 1,
9-46d FPN .551 FPN .618 FPN .583, 9a DMN 1 DMN .908 DMN .957, 10v LIM .534 LIM .704 LIM .606,
a10p DMN .686 FPN .718 DMN .409, 10pp LIM 1 LIM 1 LIM 1, 11l FPN .512 FPN .778 FPN .638,
13l LIM .906 LIM .939 LIM .920, OFC LIM 1 LIM 1 LIM 1, 47s DMN .840 DMN .548 DMN .679,
LIPd DAN .606 DAN .947 DAN .753, 6a DAN .719 DAN .835 DAN .775, i6-8 FPN .779 FPN .949 FPN .870,
s6-8 DMN .745 FPN .570 DMN .553, 43 VAN .619 SOM .541 VAN .536, OP4 SOM .925 SOM .935 SOM .930,
OP1 SOM 1 SOM 1 SOM 1, OP2-3 SOM 1 SOM 1 SOM 1, 52 SOM .528 SOM 1 SOM .728, RI SOM 1 SOM 1 SOM 1,
PFcm VAN .557 VAN .522 VAN .537, PoI2 VAN .845 VAN .605 VAN .721, TA2 SOM .507 SOM .919 SOM .758,
FOP4 VAN .977 VAN 1 VAN .987, MI VAN .923 VAN .981 VAN .951, Pir none 0 none 0 none 0,
AVI FPN .619 FPN .707 FPN .667, AAIC DMN .382 VAN .556 VAN .374, FOP1 VAN 1 VAN .972 VAN .983,
FOP3 VAN 1 VAN 1 VAN 1, FOP2 VAN .635 SOM .674 SOM .505, PFt DAN .887 DAN .927 DAN .907,
AIP DAN .958 DAN .984 DAN .972, EC LIM .872 LIM .953 LIM .913, PreS VIS .465 VIS .432 VIS .448,
H none 0 none 0 none 0, ProS VIS 1 VIS 1 VIS 1, PeEc LIM .971 LIM .994 LIM .984,
STGa DMN .684 DMN .625 DMN .657, PBelt SOM 1 SOM 1 SOM 1, A5 SOM .572 SOM .910 SOM .772,
PHA1 VIS .537 VIS .616 VIS .577, PHA3 VIS .767 VIS .953 VIS .844,
STSda DMN .992 DMN .989 DMN .990, STSdp DMN 1 DMN .871 DMN .934, STSvp DMN 1 DMN 1 DMN 1,
TGd LIM .766 LIM .828 LIM .797, TE1a DMN 1 DMN 1 DMN 1, TE1p DMN .550 FPN .704 FPN .562,
TE2a LIM .474 LIM .581 LIM .530, TF LIM .929 LIM .952 LIM .941, TE2p DAN .864 DAN .841 DAN .852,
PHT DAN .335 DAN .512 DAN .406, PH DAN .804 DAN .605 DAN .718, TPOJ1 SOM .409 VAN .357 SOM .349,
TPOJ2 VAN .423 DAN .685 DAN .522, TPOJ3 DAN .714 DAN .600 DAN .654,
DVT VIS .946 VIS .938 VIS .942, PGp DAN .524 DAN .497 DAN .510, IP2 FPN .934 FPN .867 FPN .899,
IP1 FPN .688 FPN .794 FPN .742, IP0 VIS .546 DAN .505 VIS .522, PFop VAN .698 VAN .819 VAN .758,
PF VAN .632 VAN .909 VAN .772, PFm DMN .552 FPN .769 FPN .602, PGi DMN 1 DMN .992 DMN .996,
PGs DMN .934 DMN .737 DMN .854, V6A VIS 1 VIS 1 VIS 1, VMV1 VIS 1 VIS 1 VIS 1,
VMV3 VIS 1 VIS 1 VIS 1, PHA2 VIS .559 VIS .852 VIS .698, V4t VIS 1 VIS 1 VIS 1,
FST DAN .888 DAN .805 DAN .851, V3CD VIS 1 VIS 1 VIS 1, LO3 VIS 1 VIS 1 VIS 1,
VMV2 VIS 1 VIS 1 VIS 1, 31pd DMN 1 DMN 1 DMN 1, 31a DMN .953 DMN .667 DMN .801,
VVC VIS 1 VIS .984 VIS .992, 25 LIM .945 LIM .871 LIM .906, s32 DMN .500 DMN .788 DMN .642,
pOFC LIM .885 LIM .941 LIM .918, PoI1 VAN .838 VAN .761 VAN .798, Ig SOM 1 SOM 1 SOM 1,
FOP5 VAN .964 VAN .962 VAN .963, p10p DMN .882 FPN .811 FPN .508, p47r FPN .791 FPN .750 FPN .773,
TGv LIM 1 LIM 1 LIM 1, MBelt SOM .912 SOM 1 SOM .952, LBelt SOM 1 SOM 1 SOM 1,
A4 SOM .995 SOM 1 SOM .997, STSva DMN 1 DMN 1 DMN 1, TE1m DMN .990 DMN .730 DMN .848,
PI VAN .600 VAN .748 VAN .673, a32pr FPN .578 FPN .732 FPN .655, p24 DMN .931 DMN .767 DMN .840
"""


def _read(entry: str) -> tuple[str, dict[str, tuple[str, float]]]:
    area, *told = entry.split()
    places = [
        ("", math.nan) if network == "none" else (network, float(purity))
        for network, purity in zip(told[::2], told[1::2], strict=True)
    ]
    return area, dict(zip(("L", "R", ""), places, strict=True))


_PLACES = dict(_read(entry) for entry in _TABLE.replace("\n", " ").split(","))
_FOLDED = {area.casefold(): places for area, places in _PLACES.items()}
AREAS = tuple(_PLACES)


def network_of(area: str, hemisphere: str = "") -> str | None:
    """Network of an area in a hemisphere, or in both together.

    Parameters
    ----------
    area : str
        `7Pl` and `7PL` are both in use.
    hemisphere : str
        `L`, `R`, or empty for both.

    Returns
    -------
    str or None
        Empty where the area lies in none; None if the area is not known.
    """
    places = _FOLDED.get(area.casefold())
    return None if places is None else places[hemisphere][0]


def networks_in(dataset: str, regions: Iterable[str]) -> dict[str, str]:
    """Network of every region of a recording, in both hemispheres together.

    Parameters
    ----------
    dataset : str
    regions : iterable of str
        Their names, which tell a network only where they are names of areas of HCP-MMP1.

    Returns
    -------
    dict of str to str
        Empty where a region is in none, and for all of a recording that has other regions.
    """
    known = dataset in OF_AREAS
    return {region: (known and network_of(region)) or "" for region in regions}


def purity_of(area: str, hemisphere: str = "") -> float:
    """Share of an area's vertices that lie in its network; NaN where it has none.

    Parameters
    ----------
    area, hemisphere : str
        As those of `network_of`.
    """
    places = _FOLDED.get(area.casefold())
    return math.nan if places is None else places[hemisphere][1]


def is_mixed(area: str) -> bool:
    """Tell whether less than half of an area, in both hemispheres, lies in its network."""
    return purity_of(area) < MIXED
