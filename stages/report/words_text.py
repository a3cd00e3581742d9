"""What was done with stories, and with recordings of words and sentences, in the past tense."""

from collections.abc import Collection

from stages.core.params.schema import Params
from stages.report.bibliography import in_text
from stages.report.told import Told, pooled, recording_of, strengths

# Parts of the study of stories: layers beside regions, features in layers and in regions,
# profiles of both, ceilings.
ENCODED, PROBED, DECODED = "encoded", "probed", "decoded"
PROFILED, BOUNDED = "profiled", "bounded"
# How words come to the samples: by the parameters, where blood flow stands as it was scanned; or
# each is a sample; or, moved back in time, as long as they are on. A table may be either of two.
_SCANNED = ("simulated", "wehbe", "alice", "bids")
_EVENTS = ("naturalstories", "ucl2013")
_MOVED = "sherlock2017"
_AVERAGED = ("alice", *_EVENTS)  # that bring no voxels
_FROM_WORDS = {
    "glover": "convolved with the haemodynamic response of Glover",
    "window": "averaged over the words of each sample",
}
_EXTRAPOLATED = {
    "agreement": "from how people correlate, with intervals over people and stretches of the story",
    "exponential": "by an exponential curve through means of subsets of people",
    "one_factor": "by the curve of one common factor through means of subsets of people",
}


def story(params: Params, done: Collection[str]) -> Told:
    """Tell of the recording, and of the words that were shown to models."""
    name, keys = recording_of(params.story.dataset)
    shown = _shown(params) if {ENCODED, PROBED} & {*done} else f"Words were those of {name}."
    return Told(f"{shown}{_cleaned(params, params.story.dataset)}{_centred(params)}", keys)


def encoded(params: Params, done: Collection[str]) -> Told:
    """Tell how regions were predicted from layers."""
    encode = params.encode
    regions = "every region" if encode.regions == "all" else f"{len(encode.regions)} regions"
    what = f"Responses of {regions}"
    if params.story.dataset not in _AVERAGED:
        voxels = "Voxels" if encode.targets == "voxel" else "Means over the voxels"
        what = f"{voxels} of {regions} with {encode.min_voxels} or more of them"
    delays = ", ".join(map(str, encode.delays))
    late = "" if encode.delays == [0] else f", with delays of {delays} samples side by side"
    text = (
        f"{what} were predicted from every layer, whose values were "
        f"{_sampled(params, encode.downsample)}{late}, by ridge regression. Its "
        f"regularisation, of {strengths(params.ridge)}, and "
        "the layer of a region were chosen in inner folds. Scores are held-out correlations; "
        "r_partial is what remains of them beyond nuisance variables"
        f"{_beside(params)}, which were taken out of responses and layers within every split, as "
        "its training data told."
    )
    return Told(text, ())


def _beside(params: Params) -> str:
    """Say of which words nuisance variables are, or when they act."""
    dataset, encode, told = params.story.dataset, params.encode, []
    if dataset in (*_EVENTS, "table") and encode.spillover:
        told.append(f"of each word and of the {encode.spillover} before it")
    if dataset not in _EVENTS and any(encode.nuisance_delays):
        seconds = ", ".join(f"{one:g}" for one in encode.nuisance_delays)
        told.append(f"acting {seconds} s after layers, side by side")
    return f" ({', or in time '.join(told)})" if told else ""


def probed(params: Params, done: Collection[str]) -> Told:
    """Tell how features were read from layers."""
    text = (
        "Linguistic features were read from every layer by ridge regression "
        f"({strengths(params.ridge)}); both were "
        f"{_sampled(params, params.probe.downsample)}. A feature counts as read where r, r_partial "
        f"and r_words (r against {params.probe.shuffles} other orders of the words of each run) "
        "all have q below .05."
    )
    return Told(text, ())


def decoded(params: Params, done: Collection[str]) -> Told:
    """Tell how features were read from regions."""
    decode, keys = params.decode, ("hoyos2018", "abraham2014")
    lambdas = decode.lambdas
    regions = "every region" if decode.regions == "all" else f"{len(decode.regions)} regions"
    late = f", {decode.delay} samples late" if decode.delay else ""
    told_by = {
        "held_out": "on what each inner split left out",
        "leave_one_out": "on training samples that were left out one by one",
    }
    copied = decode.parcel_weights == "copied"
    text = (
        f"Linguistic features, {_sampled(params, decode.downsample)}{late}, were read from the "
        f"voxels of {regions} with {decode.min_voxels} or more of them by fast regularised "
        f"ensembles of models {in_text(*keys)}: {decode.parcels:g} parcels per hundred voxels, "
        f"screened at {decode.screening:g} % of a whole brain's volume; the regularisation, of "
        f"{lambdas.count} values from {lambdas.low:g} to {lambdas.high:g}, was chosen "
        f"{told_by[decode.choice]}, and anew under the null. Every voxel had "
        f"{'the whole' if copied else 'its share of the'} weight of its parcel."
    )
    return Told(text, keys)


def profiled(params: Params, done: Collection[str]) -> Told:
    """Tell how profiles of regions and of layers were compared."""
    text = (
        "Profiles, r of all features, of regions were compared with those of layers, against "
        f"{params.profile.draws} permutations of the features within their families."
    )
    return Told(text, ())


def bounded(params: Params, done: Collection[str]) -> Told:
    """Tell how ceilings of a story were found."""
    how = _EXTRAPOLATED[params.ceilings_story.extrapolation]
    return Told(f"What one person's responses share with many others' was told {how}.", ())


def language(params: Params, done: Collection[str]) -> Told:
    """Tell of the recordings of words and sentences."""
    asked = params.language
    named = [recording_of(one) for one in asked.recordings]
    keys = tuple(dict.fromkeys(key for _, keys in named for key in keys))
    words = _context(asked.extract.context)
    others = [
        f"{name} with {_context(count)}"
        for name, count in asked.extract.exceptions.items()
        if name in asked.zoo
    ]
    words += f" ({', '.join(others)})" if others else ""
    text = (
        f"{', '.join(name for name, _ in named)} were each predicted from the layers of "
        f"{len(asked.zoo)} models, which were shown every word or sentence with {words}; "
        f"{pooled(asked.extract.pooling)} was kept of every layer. Ridge regression "
        f"({strengths(params.ridge)}) predicted; its "
        "strength, and the layer of a region, were chosen in inner folds. Scores were divided "
        "by ceilings where these were .1 or more and people clearly agreed. Beside them stands the "
        "correlation with how unexpected words were to those models that predict words, to which "
        "nothing was fitted, by a two-sided test."
    )
    return Told(text[0].upper() + text[1:], keys)


def _context(count: int) -> str:
    return f"{count} words of context, itself included" if count else "all before it in a run"


def _shown(params: Params) -> str:
    extract, (name, _) = params.story.extract, recording_of(params.story.dataset)
    words = (
        f"each with {extract.context} words of context, itself included"
        if extract.presentation == "context"
        else "the words of each sample as one passage"
    )
    models = ", ".join([*params.story.zoo, params.model]) + " and its untrained twin"
    heads = "; the attention of every head was described" if extract.attention else ""
    return (
        f"The words of {name} were shown to {models}, {words}, and {pooled(extract.pooling)} was "
        f"kept of every layer{heads}."
    )


def _cleaned(params: Params, dataset: str) -> str:
    """Say what left the responses, and layers beside them."""
    prepare, confounds = params.story.prepare, params.bids.confounds
    if dataset in _EVENTS:
        return ""
    left = ["a straight line"] if prepare.detrend else []
    left += [f"fluctuations slower than {prepare.high_pass:g} s"] if prepare.high_pass else []
    if dataset == "bids" and confounds != "none":
        left.append(confounds if isinstance(confounds, str) else ", ".join(confounds))
    series = ", where they were series in time," if dataset == "table" else ""
    smoothed = f"smoothed by {prepare.smoothing:g} mm, then " if prepare.smoothing else ""
    steps = [f"freed of {' and of '.join(left)}"] if left else []
    how = " and ".join([*steps, "standardised"])
    return (
        f" The responses of every run{series} were {smoothed}{how}, and what words carry, once it "
        "was brought to the samples, likewise."
    )


def _centred(params: Params) -> str:
    """Say whether words lost their mean, which those that are samples themselves keep."""
    if params.story.dataset in _EVENTS:
        return ""
    told = "was" if params.story.centre else "was not"
    return f" What words carry {told} centred over the words of each run."


def _sampled(params: Params, downsample: str) -> str:
    """Say how words came to the samples."""
    dataset = params.story.dataset
    if dataset in _EVENTS:
        return "those of the word of each sample"
    if dataset == _MOVED:
        return "averaged over what was on during each sample, by how long"
    if dataset == "table":
        return f"those of the word of each sample, or in time {_FROM_WORDS[downsample]}"
    return _FROM_WORDS[downsample]
