import re

import pytest
from ruamel.yaml import YAML

from stages.core.names.datasets import ASSEMBLIES, OWN, SCENES, STORIES
from stages.core.params.schema import Params
from stages.report.bibliography import RECORDINGS, bibtex
from stages.report.images_text import METRICS
from stages.report.methods_text import AREAS, LADDER, LANGUAGE, SCENE, STORY, VOXELS, cited, methods
from stages.report.training_text import SCENE_TRAINING, STORY_TRAINING
from stages.report.words_text import BOUNDED, DECODED, ENCODED, PROBED, PROFILED
from tests.conftest import PROJECT

WORDS = (STORY, ENCODED, PROBED, DECODED, PROFILED, BOUNDED)
TRAINING = (STORY_TRAINING, SCENE_TRAINING)
ALL = (*WORDS, SCENE, VOXELS, AREAS, LANGUAGE, *TRAINING, LADDER)


@pytest.fixture
def told():
    """What is told of all studies, with parameters that are set otherwise."""

    def tell(studies=ALL, **settings):
        content = YAML(typ="safe").load(PROJECT / "params.yaml")
        for key, value in settings.items():
            place = content
            *rooms, last = key.split("__")
            for room in rooms:
                place = place[room]
            place[last] = value
        return methods(Params.model_validate(content), studies)

    return tell


def text_of(paragraphs):
    return "\n".join(one.text for one in paragraphs)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("model", "gpt2", "shown to gpt2 and its untrained twin"),
        ("story__zoo", ["gpt2", "mpnet"], "shown to gpt2, mpnet, minilm and its untrained twin"),
        ("story__extract__context", 33, "33 words of context"),
        ("story__extract__presentation", "window", "the words of each sample as one passage"),
        ("story__extract__pooling", "sum", "the sum over its tokens"),
        ("story__centre", False, "was not centred"),
        ("story__prepare__high_pass", 99.0, "slower than 99 s"),
        ("story__prepare__smoothing", 4.0, "smoothed by 4 mm, then freed of a straight line"),
        ("story__dataset", "alice", "the recording alice (Brennan et al. 2016)"),
        (
            "story__dataset",
            "bids",
            "freed of a straight line and of fluctuations slower than 128 s "
            "and of motion24 and standardised",
        ),
        ("story__dataset", "sherlock2017", "averaged over what was on during each sample"),
        ("folds__gap", 13, "with 13 samples left out"),
        (
            "folds__blocks",
            7,
            "(7 groups of successive runs where there were more than ten, 7 "
            "contiguous blocks where there were fewer than three)",
        ),
        ("folds__scheme", "shuffled", "over 5 parts of single samples at random"),
        ("folds__scheme", "groups", "leaving out one of 5 groups of successive runs"),
        ("ridge__lambdas__count", 21, "of 21 values from 1 to 1e+06"),
        ("chance__draws", 777, "777 other orders of the responses (seed 0)"),
        ("scene__extract__captions", "all", "captions as one text, the mean over its tokens"),
        ("scene__extract__captions", "all", "(all of each image, a line each, as a user's turn"),
        ("scene__extract__prompt", "A:\n{captions}?", r"image within 'A:\n{captions}?', as"),
        ("scene__extract__template", "plain", "(the first of each image, as plain text)"),
        ("scene__extract__template", "reply", "and the model's turn begun if that has one)"),
        ("scene__extract__pooling", "last", "of a caption, the state of the last token was"),
        ("scene__extract__pooling", "end", "of all that was read, the state of the last token"),
        ("encode__targets", "voxel", "Voxels of every region with 5 or more of them were"),
        ("encode__delays", [1, 2], "with delays of 1, 2 samples side by side"),
        ("encode__nuisance_delays", [0, 1.5], "acting 0, 1.5 s after layers, side by side"),
        ("encode__downsample", "window", "averaged over the words of each sample"),
        ("probe__shuffles", 444, "444 other orders of the words"),
        ("decode__delay", 3, "Glover, 3 samples late, were read"),
        ("decode__choice", "leave_one_out", "training samples that were left out one by one"),
        ("decode__parcel_weights", "copied", "Every voxel had the whole weight"),
        ("decode__regions", "all", "voxels of every region with 10 or more"),
        ("profile__draws", 555, "555 permutations of the features"),
        ("ceilings_story__extrapolation", "one_factor", "the curve of one common factor"),
        ("scene__dataset", "nsd", "the recording nsd (Allen et al. 2022)"),
        ("scene__extract__whole", 80, "where there were more than 80 images"),
        ("scene__extract__untrained", "initial", "networks stayed as they were drawn"),
        ("align__min_voxels", 21, "at least 21 voxels"),
        ("align__width", 300, "projected at random to 300 units"),
        ("align__permute", "shifts", "rows were shifted in a circle, by 1 at least (100 draws)"),
        ("encode_scene__targets", "voxel", "held-out r, of a voxel"),
        ("encode_scene__alike", 0.87, "correlated 0.87 or more, or each with another that did"),
        ("encode_scene__draws", 333, "predicted anew, 333 times where parts took turns"),
        ("encode_scene__permute", "shifts", "images were shifted in a circle, by 1 at least"),
        ("encode_scene__permute", "blocks", "parts of successive images, blocks of 1 as wholes"),
        ("survey__neighbours", 9, "with 9 neighbours and by classical scaling"),
        (
            "language__extract__exceptions",
            {"minilm": 7, "minilm-untrained-0": 7},
            "(minilm with 7 words of context",
        ),
        ("language__extract__context", 0, "all before it in a run"),
        ("trajectory__shifts", 60, "held against 60 other orders"),
        ("trajectory__plateau", 3, "to that of its last 3"),
        ("story__plant__lead", 2.0, "by 2 in octaves"),
        ("story__families", ["shuffled", "projected"], "projected: random projections of words"),
        ("ladder__share", 0.25, "a share of 0.25"),
    ],
)
def test_the_text_says_what_the_parameters_say(told, setting, value, words):
    assert words not in text_of(told())
    assert words in text_of(told(**{setting: value}))


@pytest.mark.parametrize("dataset", ["bids", "table", "kriegeskorte2008"])
def test_areas_of_hcp_are_not_told_of_recordings_with_regions_of_their_own(told, dataset):
    paragraphs = told([SCENE], scene__dataset=dataset, scene__regions="all")
    assert "HCP-MMP1" not in text_of(paragraphs)
    assert "glasser2016" not in cited(paragraphs)


@pytest.mark.parametrize("dataset", ["alice", "ucl2013"])
def test_averages_of_regions_have_no_voxels(told, dataset):
    text = text_of(told([STORY, ENCODED], story__dataset=dataset))
    assert "Responses of every region were predicted" in text
    assert "oxels" not in text


def test_dissimilarities_have_no_voxels_and_no_averages(told):
    paragraphs = text_of(told([SCENE], scene__dataset="kriegeskorte2008"))
    assert "dissimilarities were published" in paragraphs
    assert "voxels" not in paragraphs
    assert "averaged by image" not in paragraphs


def test_what_was_not_done_to_a_recording_is_not_told_of_it(told):
    scanned = text_of(told(WORDS))
    read = text_of(told(WORDS, story__dataset="naturalstories"))
    film = text_of(told(WORDS, story__dataset="sherlock2017"))
    for words, has in (
        ("haemodynamic", [scanned]),
        ("a straight line", [scanned, film]),
        ("centred over the words", [scanned, film]),
        ("those of the word of each sample", [read]),
        ("of each word and of the 3 before it", [read]),
        ("s after layers", [scanned, film]),
    ):
        assert [one for one in (scanned, read, film) if words in one] == has


def test_what_a_null_in_all_orders_is_not_told_of_restricted_ones(told):
    assert "closed form" in text_of(told([SCENE]))
    assert "closed form" not in text_of(told([SCENE], align__permute="blocks", align__block=4))


def test_nothing_is_left_between_samples_that_are_shuffled(told):
    assert "samples left out between" in text_of(told(WORDS))
    assert "samples left out between" not in text_of(told(WORDS, folds__scheme="shuffled"))


def test_parts_that_were_not_done_are_not_told_of(told):
    said = {
        ENCODED: "r_partial is what remains",
        PROBED: "Linguistic features were read from every layer",
        DECODED: "fast regularised ensembles",
        PROFILED: "Profiles, r of all features",
        BOUNDED: "many others'",
        SCENE: "a zoo of 9 models",
        VOXELS: "Voxels of regions with 10 reliable ones",
        AREAS: "first showing",
        LANGUAGE: "to which nothing was fitted",
        STORY_TRAINING: "Checkpoints of read, shuffled were shown the story",
        SCENE_TRAINING: "Checkpoints of labels, random-labels were shown the images",
        LADDER: "the prevalence",
    }
    for name in said:
        text = text_of(told([STORY, name]))
        assert [one for one, words in said.items() if words in text] == [name]
        shifted = {ENCODED, PROBED, DECODED, LANGUAGE, STORY_TRAINING}
        assert ("other orders of the responses (seed 0)" in text) == (name in shifted)
        assert ("shown to minilm" in text) == (name in (ENCODED, PROBED))
    assert "nobody was measured" in text_of(told([STORY]))
    assert told([]) == []


def test_published_scores_are_cited_where_they_stand(told):
    assert "biderman2023" not in cited(told())
    family = {"published": "pythia", "seeds": [], "sizes": ["70m"]}
    family["pattern"] = "hf:EleutherAI/pythia-{size}-deduped@step{step}"
    asked = {f"families__read__{key}": value for key, value in family.items()}
    paragraphs = told([STORY_TRAINING], **asked)
    assert "Beside read stand the published zero-shot scores of Pythia" in text_of(paragraphs)
    assert "biderman2023" in cited(paragraphs)


def test_everything_cited_has_an_entry_and_nothing_else_has(told):
    paragraphs = told(story__dataset="alice", scene__dataset="nsd")
    entries = bibtex(cited(paragraphs))
    inside = re.findall(r"\(([^()]*\d{4}[ab]?)\)", text_of(paragraphs))
    named = {one for group in inside for one in group.split("; ")}
    assert len(named) == entries.count("@") == len(cited(paragraphs))
    for one in named:
        author, year = re.match(r"([\w-]+).* (\d{4})", one).groups()
        assert re.search(rf"author = \{{{author}[^@]*year = \{{{year}\}}", entries)


def test_metrics_are_cited_by_what_they_are(told):
    names = ["svcca", "cka_linear"]
    paragraphs = told([SCENE], align__metrics=names, align__compared=["cka_linear"])
    assert "(Kornblith et al. 2019; Song et al. 2012; Raghu et al. 2017)" in text_of(paragraphs)
    assert set(METRICS) >= {"cka", "rsa", "svcca"}


def test_every_public_recording_is_known():
    names = {*STORIES, *SCENES, *ASSEMBLIES} - set(OWN)
    assert set(RECORDINGS) == names
    for name, about in RECORDINGS.items():
        assert bool(about.cited) == (not name.endswith("simulated"))


def test_entries_are_of_bibtex():
    keys = [key for about in RECORDINGS.values() for key in about.cited]
    text = bibtex([*keys, *(key for some in METRICS.values() for key in some), "hoyos2018"])
    for entry in text.split("\n\n"):
        assert re.match(r"@(article|inproceedings)\{(\w+),\n", entry)
        assert entry.count("{") == entry.count("}")
        assert {"author", "title", "year"} <= set(re.findall(r"^  (\w+) = ", entry, re.MULTILINE))
    assert "Andr{\\'e}s" in text


CLEANED = "The responses of every run were"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"detrend": False, "high_pass": 0.0}, f"{CLEANED} standardised, and"),
        ({"detrend": False}, f"{CLEANED} freed of fluctuations slower than 128 s and standardised"),
        ({"high_pass": 0.0}, f"{CLEANED} freed of a straight line and standardised"),
    ],
)
def test_what_left_the_responses_is_told_and_nothing_else(told, settings, said):
    whole = {f"story__prepare__{name}": value for name, value in settings.items()}
    text = text_of(told([STORY], **whole))
    assert said in text
    assert "smoothed" not in text


@pytest.mark.parametrize(
    ("confounds", "said"),
    [("none", "slower than 128 s and standardised"), (["a", "b"], "128 s and of a, b and stand")],
)
def test_confounds_are_told_by_name(told, confounds, said):
    settings = {"bids__confounds": confounds}
    assert said in text_of(told([STORY], story__dataset="bids", **settings))
    assert "a, b" not in text_of(told([STORY], **settings))


def test_a_table_may_be_of_series_or_of_events(told):
    settings = {"story__dataset": "table", "encode__nuisance_delays": [0, 2]}
    text = text_of(told([STORY, ENCODED], **settings))
    assert "of every run, where they were series in time, were" in text
    assert "those of the word of each sample, or in time convolved with" in text
    assert (
        "(of each word and of the 3 before it, or in time acting 0, 2 s after layers, side by side)"
    ) in text
    none = {"encode__nuisance_delays": [0], "encode__spillover": 0}
    text = text_of(told([ENCODED], story__dataset="table", **none))
    assert "nuisance variables, which were taken out" in text


def test_regions_that_are_named_are_counted(told):
    text = text_of(
        told(
            [ENCODED, DECODED],
            encode__regions=["Angular_L", "Angular_R"],
            decode__regions=["Angular_L"],
        )
    )
    assert "Means over the voxels of 2 regions with 5 or more of them were predicted" in text
    assert "the voxels of 1 regions with 10 or more of them" in text
    assert "side by side, by ridge" not in text
    assert "samples late" not in text


@pytest.mark.parametrize("described", [True, False])
def test_attention_is_told_where_it_was_described(told, described):
    text = text_of(told([STORY, ENCODED], story__extract__attention=described))
    assert ("; the attention of every head was described." in text) == described


def test_models_with_a_context_of_their_own_are_told_if_they_were_asked(told):
    text = text_of(told([LANGUAGE], language__extract__exceptions={"noise": 9}))
    assert "noise" not in text
    assert "with 9 words" not in text
    assert text.startswith("The recording ")


@pytest.mark.parametrize("model", ["timm:resnet18", "timm:resnet18+untrained", "hf:gpt2+untrained"])
def test_untrained_image_networks_are_told_of_where_there_are_some(told, model):
    text = text_of(told([SCENE], zoo=["one"], models__one=model))
    assert ("Untrained image networks" in text) == (model == "timm:resnet18+untrained")
    assert "a zoo of 1 models" in text


@pytest.mark.parametrize(
    ("metrics", "told_of"), [(["cka_linear", "svcca"], True), (["cka_linear"], False)]
)
def test_subspaces_at_random_are_told_of_svcca(told, metrics, told_of):
    text = text_of(told([SCENE], align__metrics=metrics, align__compared=metrics))
    assert ("against random subspaces" in text) == told_of
