"""What was done, in the past tense and with citations, as the parameters have it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from stages.core.params.schema import Params
from stages.report.bibliography import OWN, RECORDINGS, in_text

STORY, SCENE, LANGUAGE, TRAINING = "story", "scene", "language", "training"
# Beside the study of scenes: voxels predicted, and areas compared.
VOXELS, AREAS = "voxels", "areas"
# What the kinds of metric rest on, by how their names begin.
METRICS: Mapping[str, tuple[str, ...]] = {
    "cka": ("kornblith2019", "song2012"),
    "cknna": ("huh2024", "song2012"),
    "mutual": ("huh2024",),
    "cycle": ("huh2024",),
    "rsa": ("kriegeskorte2008",),
    "svcca": ("raghu2017",),
}
_SCHEMES = {
    "runs": "leaving one run out",
    "groups": "leaving groups of successive runs out",
    "blocks": "over contiguous blocks",
    "auto": "leaving runs out, or contiguous blocks where there were fewer than three runs",
    "shuffled": "over single samples at random (which lets neighbours in time tell the answer)",
}
_FROM_WORDS = {
    "glover": "convolved with the haemodynamic response of Glover",
    "window": "averaged over the words of each sample",
}

# Recordings of blood flow as it was scanned, to whose samples words are brought by the parameters,
# and all whose responses are cleaned by them.
SCANNED = ("simulated", "wehbe", "alice", "bids")
CLEANED = (*SCANNED, "sherlock2017", "table")
# Recordings of images whose areas are those of HCP-MMP1; the others bring regions of their own.
OF_GLASSER = ("nsd", "nsd-simulated")
_PERMUTED = {
    "rows": "rows traded places",
    "blocks": "blocks of successive rows traded places",
    "shifts": "rows were shifted in a circle",
}


@dataclass(frozen=True)
class Told:
    """A paragraph, and the keys of what it cites."""

    text: str
    cited: tuple[str, ...]


def methods(params: Params, studies: Collection[str]) -> list[Told]:
    """Tell what was done in the studies that were run.

    Parameters
    ----------
    params : Params
    studies : collection of str
        Of `STORY`, `SCENE`, `VOXELS`, `AREAS`, `LANGUAGE` and `TRAINING`.
    """
    tellers = {
        **{STORY: _story, SCENE: _scene, VOXELS: _voxels, AREAS: _areas},
        **{LANGUAGE: _language, TRAINING: _training},
    }
    told = [teller(params) for study, teller in tellers.items() if study in studies]
    return [*told, _tests(params, shifted=bool({STORY, LANGUAGE} & {*studies}))] if told else []


def cited(told: Collection[Told]) -> list[str]:
    """Name the keys of everything that is cited."""
    return sorted({key for one in told for key in one.cited})


def recording_of(dataset: str) -> tuple[str, tuple[str, ...]]:
    """Name a recording with its citation, and the keys of that."""
    keys = RECORDINGS.get(dataset, OWN).cited
    name = f"the recording {dataset}"
    if dataset.endswith("simulated"):
        name = f"{name} (simulated: nobody was measured)"
    return (f"{name} {in_text(*keys)}" if keys else name), keys


def _story(params: Params) -> Told:
    story, decode = params.story, params.decode
    name, keys = recording_of(story.dataset)
    lambdas, own = params.ridge.lambdas, ("hoyos2018", "abraham2014")
    words = (
        f"each with {story.extract.context} words of context, itself included"
        if story.extract.presentation == "context"
        else "the words of each sample as one passage"
    )
    text = (
        f"The words of {name} were shown to {params.model} and its untrained twin, {words}, and "
        f"{_pooled(story.extract.pooling)} was kept of every layer. {_cleaned(params)} What words "
        f"carry {'was' if story.centre else 'was not'} centred over the words of each run, and was "
        f"{_sampled(params)}. Responses of every region were predicted from every "
        f"layer by ridge regression, cross-validated {_SCHEMES[params.folds.scheme]}, with "
        f"{params.folds.gap} samples left out between training and test data that touch. The "
        f"regularisation, of {lambdas.count} values from {lambdas.low:g} to {lambdas.high:g}, and "
        "the layer of a region were chosen in inner folds. Linguistic features were read from "
        f"regions by fast regularised ensembles of models {in_text(*own)}, with "
        f"{decode.parcels:g} parcels per hundred voxels. Scores are held-out correlations; "
        "r_partial is what remains of them beyond nuisance variables."
    )
    return Told(text, (*keys, *own))


def _cleaned(params: Params) -> str:
    """Say what left the responses."""
    prepare = params.story.prepare
    if params.story.dataset not in CLEANED:
        return ""
    steps = ["a straight line"] if prepare.detrend else []
    steps += [f"fluctuations slower than {prepare.high_pass:g} s"] if prepare.high_pass else []
    return f"From the responses of every run, {' and '.join(steps)} were removed." if steps else ""


def _sampled(params: Params) -> str:
    """Say how words came to the samples."""
    if params.story.dataset in SCANNED:
        return _FROM_WORDS[params.encode.downsample]
    return "brought to the samples as the timing of the recording has it"


def _pooled(pooling: str) -> str:
    return "the state of the last token" if pooling == "last" else f"the {pooling} over its tokens"


def _scene(params: Params) -> Told:
    scene, align = params.scene, params.align
    name, keys = recording_of(scene.dataset)
    kinds = [key for begin, key in METRICS.items() if _any_begins(align.metrics, begin)]
    metrics = tuple(dict.fromkeys(key for one in kinds for key in one))
    areas = ("glasser2016",) if scene.dataset in OF_GLASSER else ()
    where = f"areas of HCP-MMP1 {in_text(*areas)}" if areas else "regions"
    text = (
        f"Of {name}, responses were averaged by image. The images, or their captions, were shown "
        f"to a zoo of {len(params.zoo)} models. Of image networks, blocks were "
        f"{scene.extract.vision}; of a caption, {_pooled(scene.extract.pooling)} was kept of every "
        f"layer. Layers wider than {scene.extract.units} units were projected at random. Every "
        f"layer was compared with {where} of at least {align.min_voxels} voxels by "
        f"{', '.join(align.metrics)} {in_text(*metrics)}; claims are told by "
        f"{params.survey.metric}. Layers were chosen on images other than those that they were "
        "scored on, where people saw images of their own. Under the null, "
        f"{_PERMUTED[align.permute]}; its moments are exact where there is a closed form, else of "
        f"{align.draws} draws."
    )
    return Told(text, (*keys, *metrics, *areas))


def _voxels(params: Params) -> Told:
    asked, lambdas = params.encode_scene, params.ridge.lambdas
    text = (
        f"Voxels of regions with {asked.min_voxels} reliable ones were predicted from every layer, "
        f"projected at random to {asked.width} units where it was wider, by ridge regression "
        f"({lambdas.count} strengths from {lambdas.low:g} to {lambdas.high:g}), fitted on a "
        f"person's own images and tested on those kept apart, or else in {params.folds.blocks} "
        "parts of the images at random. Strengths, and the layer of a region, were chosen in inner "
        f"folds. Images whose grey values correlated {asked.alike:g} or more were left out "
        "together. Voxels were left out whose single trials had less signal than "
        f"{asked.least_ncsnr:g} standard deviations of their noise. Under the null, images tested "
        f"traded places: over all orders, or {asked.draws} times where parts took turns, those "
        "nearly the same with as many that are."
    )
    return Told(text, ())


def _areas(params: Params) -> Told:
    keys = ("mcinnes2018", "williams2021")
    text = (
        f"Areas were compared by {params.survey.metric} on the images that everybody saw: by means "
        "of trials, and where images were measured three times also one area at the first showing "
        "of an image and the other at its last, so that neither noise of a trial nor time was "
        f"common to both ({params.align.draws} permutations of the images). Layers "
        f"and areas were laid out by the angle between their kernels {in_text(keys[1])}, by UMAP "
        f"{in_text(keys[0])} with {params.survey.neighbours} neighbours and by classical scaling. "
        "The best layer of an area was chosen by the other people."
    )
    return Told(text, keys)


def _any_begins(names: Collection[str], begin: str) -> bool:
    return any(name.startswith(begin) for name in names)


def _language(params: Params) -> Told:
    language = params.language
    named = [recording_of(one) for one in language.recordings]
    keys = tuple(dict.fromkeys(key for _, keys in named for key in keys))
    words = _context(language.extract.context)
    others = [
        f"{name} with {_context(count)}"
        for name, count in language.extract.exceptions.items()
        if name in language.zoo
    ]
    if others:
        words += f" ({', '.join(others)})"
    text = (
        f"{', '.join(name for name, _ in named)} were each predicted from the layers of "
        f"{len(language.zoo)} models, which were shown words or sentences with {words}; "
        f"{_pooled(language.extract.pooling)} was kept of every layer. Scores were divided by "
        "ceilings of people, and set beside surprisal, which was correlated without a fit."
    )
    return Told(text[0].upper() + text[1:], keys)


def _context(count: int) -> str:
    return f"{count} words of context" if count else "all the context that they take"


def _training(params: Params) -> Told:
    families = ", ".join([*params.story.families, *params.scene.families])
    text = (
        f"Every checkpoint of the families {families} was taken for a model of its own. When "
        "agreement and performance rose was told in octaves of what a network had seen, with "
        "intervals over runs."
    )
    return Told(text, ())


def _tests(params: Params, *, shifted: bool) -> Told:
    keys = ("benjamini1995", "ince2021")
    shifts = (
        f"Predictions were held against {params.chance.draws} circular shifts of the responses "
        f"within runs (seed {params.chance.seed}; of a single run no more than there are); runs "
        "left out in groups changed places instead, and few short ones were taken for one stretch. "
    )
    text = (
        f"{shifts if shifted else ''}q controls the false discovery rate "
        f"{in_text('benjamini1995')}; what has q below .05 and a score above 0 counts as found. "
        f"How many people a claim holds of was told by the prevalence {in_text('ince2021')}. "
        f"Of the ceiling, a share of {params.ladder.share:g} was asked for."
    )
    return Told(text, keys)
