"""The 180 areas of a hemisphere in the atlas HCP-MMP1 (Glasser et al. 2016), and their networks.

In NSD's volumes, area k has the number k counted from 1 in both hemispheres. Each area belongs to
one of the seven networks of Yeo et al. (2011): visual, somatomotor, dorsal and ventral attention,
limbic, frontoparietal, default. They are those of Shen et al. (2025), the same in both hemispheres,
but for 7Am, 7PL, 7PC, LIPv, VIP and MIP, which are ventral attention there: on the surface of the
Human Connectome Project 78 to 100 % of their vertices are dorsal attention in either hemisphere.
Of the others, 23 are in another network in one of the two.
"""

NETWORKS = ("VIS", "SOM", "DAN", "VAN", "LIM", "FPN", "DMN")

_TABLE = """
V1 VIS, MST VIS, V6 VIS, V2 VIS, V3 VIS, V4 VIS, V8 VIS, 4 SOM, 3b SOM, FEF DAN, PEF DAN,
55b VAN, V3A VIS, RSC DMN, POS2 FPN, V7 VIS, IPS1 VIS, FFC VIS, V3B VIS, LO1 VIS, LO2 VIS,
PIT VIS, MT VIS, A1 SOM, PSL VAN, SFL DMN, PCV DAN, STV VAN, 7Pm FPN, 7m DMN, POS1 DMN,
23d DMN, v23ab DMN, d23ab DMN, 31pv DMN, 5m SOM, 5mv VAN, 23c VAN, 5L SOM, 24dd SOM,
24dv SOM, 7AL DAN, SCEF VAN, 6ma VAN, 7Am DAN, 7PL DAN, 7PC DAN, LIPv DAN, VIP DAN, MIP DAN,
1 SOM, 2 SOM, 3a SOM, 6d SOM, 6mp SOM, 6v SOM, p24pr VAN, 33pr VAN, a24pr VAN, p32pr VAN,
a24 DMN, d32 DMN, 8BM FPN, p32 DMN, 10r DMN, 47m DMN, 8Av FPN, 8Ad DMN, 9m DMN, 8BL DMN,
9p DMN, 10d DMN, 8C FPN, 44 FPN, 45 DMN, 47l DMN, a47r FPN, 6r VAN, IFJa FPN, IFJp DAN,
IFSp FPN, IFSa FPN, p9-46v FPN, 46 FPN, a9-46v FPN, 9-46d FPN, 9a DMN, 10v LIM, a10p FPN,
10pp LIM, 11l FPN, 13l LIM, OFC LIM, 47s DMN, LIPd DAN, 6a DAN, i6-8 FPN, s6-8 FPN, 43 SOM,
OP4 SOM, OP1 SOM, OP2-3 SOM, 52 SOM, RI SOM, PFcm VAN, PoI2 VAN, TA2 SOM, FOP4 VAN, MI VAN,
Pir LIM, AVI FPN, AAIC VAN, FOP1 VAN, FOP3 VAN, FOP2 SOM, PFt DAN, AIP DAN, EC LIM, PreS VIS,
H LIM, ProS VIS, PeEc LIM, STGa DMN, PBelt SOM, A5 SOM, PHA1 VIS, PHA3 VIS, STSda DMN,
STSdp DMN, STSvp DMN, TGd LIM, TE1a DMN, TE1p FPN, TE2a LIM, TF LIM, TE2p DAN, PHT DAN,
PH DAN, TPOJ1 VAN, TPOJ2 DAN, TPOJ3 DAN, DVT VIS, PGp DAN, IP2 FPN, IP1 FPN, IP0 DAN,
PFop VAN, PF VAN, PFm FPN, PGi DMN, PGs DMN, V6A VIS, VMV1 VIS, VMV3 VIS, PHA2 VIS, V4t VIS,
FST DAN, V3CD VIS, LO3 VIS, VMV2 VIS, 31pd DMN, 31a DMN, VVC VIS, 25 LIM, s32 DMN, pOFC LIM,
PoI1 VAN, Ig SOM, FOP5 VAN, p10p FPN, p47r FPN, TGv LIM, MBelt SOM, LBelt SOM, A4 SOM,
STSva DMN, TE1m DMN, PI VAN, a32pr FPN, p24 DMN
"""
_NETWORK = dict(entry.split() for entry in _TABLE.replace("\n", "").split(","))
_FOLDED = {area.casefold(): network for area, network in _NETWORK.items()}
AREAS = tuple(_NETWORK)


def network_of(area: str) -> str | None:
    """Network of an area, or None if it is not known; `7Pl` and `7PL` are both in use."""
    return _FOLDED.get(area.casefold())
