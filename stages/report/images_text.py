"""What was done with recordings of images, in the past tense."""

from collections.abc import Collection, Mapping

from stages.core.names.datasets import OF_AREAS
from stages.core.names.nsd_regions import HCP
from stages.core.params.schema import PLACEHOLDER, EncodeScene, ExtractScene, Params
from stages.report.bibliography import in_text
from stages.report.told import Told, pooled, recording_of, strengths

# What the kinds of metric rest on, by how their names begin.
METRICS: Mapping[str, tuple[str, ...]] = {
    "cka": ("kornblith2019", "song2012"),
    "cknna": ("huh2024", "song2012"),
    "mutual": ("huh2024",),
    "cycle": ("huh2024",),
    "lcs": ("huh2024",),
    "edit": ("huh2024",),
    "rsa": ("kriegeskorte2008",),
    "svcca": ("raghu2017",),
}
_MATRICES = "kriegeskorte2008"  # published as dissimilarities
_PERMUTED = {
    "rows": "rows traded places",
    "blocks": "blocks of {} successive rows traded places",
    "shifts": "rows were shifted in a circle, by {} at least",
}


def scene(params: Params, done: Collection[str]) -> Told:
    """Tell how layers were compared with areas."""
    asked, extract, align = params.scene, params.scene.extract, params.align
    name, keys = recording_of(asked.dataset)
    kinds = [key for begin, key in METRICS.items() if _any_begins(align.metrics, begin)]
    metrics = tuple(dict.fromkeys(key for one in kinds for key in one))
    named = asked.dataset in OF_AREAS
    areas = ("glasser2016",) if named and asked.atlas == HCP else ()
    where = f"regions of NSD's {asked.atlas}" if named else "regions"
    where = f"areas of HCP-MMP1 {in_text(*areas)}" if areas else where
    matrices = asked.dataset == _MATRICES
    what = "dissimilarities were published" if matrices else "responses were averaged by image"
    large = "" if matrices else f" of at least {align.min_voxels} voxels"
    text = (
        f"Of {name}, {what}. The images, or their captions ({_put(extract)}), were shown "
        f"to a zoo of {len(params.zoo)} models. Of image networks, blocks were "
        f"{extract.vision}; {_pooled(extract)} was kept of every "
        f"layer. Layers wider than {extract.units} units were projected at random where there were "
        f"more than {extract.whole} images. {_twins(params)}Every "
        f"layer was compared with {where}{large} by "
        f"{', '.join(align.metrics)} {in_text(*metrics)}; claims are told by "
        f"{params.survey.metric}. Beside every layer stand noise of its width, and the layer "
        f"projected at random to {align.width} units. Layers were chosen on images other than "
        "those that they were scored on, or where none were kept apart by other people, if there "
        "were any. "
        f"Under the null, {_null(params)}."
    )
    return Told(text, (*keys, *metrics, *areas))


def _put(extract: ExtractScene) -> str:
    """Say which captions were put to language models, and how."""
    which = {"first": "the first of each image", "all": "all of each image, a line each"}
    turn = "as a user's turn in the model's own chat template where it had one"
    how = {
        "chat": turn,
        "reply": f"{turn}, and the model's turn begun if that has one",
        "plain": "as plain text",
    }
    within = "" if extract.prompt == PLACEHOLDER else f" within {extract.prompt!r}"
    return f"{which[extract.captions]}{within}, {how[extract.template]}"


def _pooled(extract: ExtractScene) -> str:
    """Say of which tokens of language models a vector was made."""
    if extract.pooling == "end":
        return "of all that was read, the state of the last token"
    read = {"first": "of a caption", "all": "of an image's captions as one text"}
    return f"{read[extract.captions]}, {pooled(extract.pooling)}"


def _twins(params: Params) -> str:
    """Say how untrained image networks were normalised, if there are any."""
    strings = [params.models.get(name, name) for name in params.zoo]
    if not any(one.startswith("timm:") and "+untrained" in one for one in strings):
        return ""
    if params.scene.extract.untrained == "initial":
        return "Untrained image networks stayed as they were drawn. "
    return (
        "Untrained image networks had gains of one where these were drawn nearly zero, and the "
        "batch statistics of some of the images. "
    )


def _null(params: Params) -> str:
    align = params.align
    permuted = _PERMUTED[align.permute].format(align.block)
    if align.permute != "rows":
        return f"{permuted} ({align.draws} draws)"
    spaces = "; svcca was held against random subspaces" if "svcca" in align.metrics else ""
    return (
        f"{permuted}: in all orders where there is a closed form of the moments and these tell the "
        f"tail, else in up to {align.draws} that were drawn{spaces}"
    )


def voxels(params: Params, done: Collection[str]) -> Told:
    """Tell how voxels were predicted from layers."""
    asked = params.encode_scene
    score = "its mean over the voxels of a region" if asked.targets == "region" else "of a voxel"
    text = (
        f"Voxels of regions with {asked.min_voxels} reliable ones were predicted from every layer, "
        f"projected at random to {asked.width} units where it was wider, by ridge regression "
        f"({strengths(params.ridge)}), fitted on a "
        f"person's own images and tested on those kept apart, or else in {params.folds.blocks} "
        f"parts of {_parts(asked)}; scores are held-out r, {score}. Strengths, and the layer "
        f"of a region, were chosen in inner folds. {_alike(asked)} Voxels were left out whose "
        f"single trials had less signal than {asked.least_ncsnr:g} standard deviations of their "
        "noise, as training images told; where too few of these were repeated, all were kept. "
        f"{_images_null(asked)} Intervals are those of a jackknife over {asked.pieces} pieces of "
        "the images that were tested, widened for what was fitted."
    )
    return Told(text, ())


def areas(params: Params, done: Collection[str]) -> Told:
    """Tell how areas were compared with each other, and with layers on one map."""
    keys = ("mcinnes2018", "williams2021")
    text = (
        f"Areas were compared by {params.survey.metric} on the images that everybody saw, of "
        "those kept apart where there are such, within people and between them: by means of trials "
        "(not tested within people, whose noise and time are common to both), and where images "
        "were measured three times, one area at the first showing of an image and the other at its "
        "last, so that neither noise of a trial nor time was common to both (the mean of both "
        f"ways, {params.align.draws} draws under the null). Areas beside themselves are a family "
        "of their own. Layers and areas were laid out by the angle between their kernels "
        f"{in_text(keys[1])}, by UMAP {in_text(keys[0])} with {params.survey.neighbours} "
        "neighbours and by classical scaling. The best layer of an area was chosen by the same "
        "area of the other people."
    )
    return Told(text, keys)


def _any_begins(names: Collection[str], begin: str) -> bool:
    return any(name.startswith(begin) for name in names)


def _parts(asked: EncodeScene) -> str:
    """Say which images were left out, and what with them."""
    ways = {
        "rows": "the images at random",
        "blocks": f"successive images, blocks of {asked.block} as wholes",
        "shifts": f"successive images, without {asked.block} on either side of those tested",
    }
    return ways[asked.permute]


def _alike(asked: EncodeScene) -> str:
    """Say what became of images that are nearly the same."""
    which = (
        f"Images whose grey values correlated {asked.alike:g} or more, or each with another that "
        "did, were"
    )
    if asked.permute != "rows":
        return f"{which} not fitted on where one of them was tested."
    return f"{which} left out together; of those kept apart the first alone was tested."


def _images_null(asked: EncodeScene) -> str:
    """Say which orders of images chance was made of."""
    if asked.permute != "rows":
        permuted = _PERMUTED[asked.permute].format(asked.block).replace("rows", "images")
        return (
            f"Under the null, {permuted}, for all voxels alike, and were predicted anew "
            f"({asked.draws} draws, or as many as there are)."
        )
    return (
        "Under the null, images tested traded places, for all voxels alike: over all orders, or, "
        f"predicted anew, {asked.draws} times where parts took turns, those nearly the same in the "
        "place of as many that are."
    )
