import re

import pytest
from ruamel.yaml import YAML

from stages.core.names.datasets import ASSEMBLIES, OWN, SCENES, STORIES
from stages.core.params.schema import Params
from stages.report.bibliography import RECORDINGS, bibtex
from stages.report.methods_text import (
    AREAS,
    LANGUAGE,
    METRICS,
    SCENE,
    STORY,
    TRAINING,
    VOXELS,
    cited,
    methods,
)
from tests.conftest import PROJECT

ALL = (STORY, SCENE, VOXELS, AREAS, LANGUAGE, TRAINING)


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
        ("folds__gap", 13, "with 13 samples left out"),
        ("chance__draws", 777, "777 circular shifts"),
        ("story__extract__context", 33, "33 words of context"),
        ("language__extract__exceptions", {"minilm": 7}, "(minilm with 7 words of context)"),
        ("story__centre", False, "was not centred"),
        ("story__prepare__high_pass", 99.0, "slower than 99 s"),
        ("folds__scheme", "shuffled", "single samples at random"),
        ("align__min_voxels", 21, "at least 21 voxels"),
        ("align__permute", "shifts", "rows were shifted in a circle"),
        ("encode_scene__alike", 0.87, "correlated 0.87 or more were left out together"),
        ("encode_scene__draws", 333, "or 333 times where parts took turns"),
        ("survey__neighbours", 9, "with 9 neighbours and by classical scaling"),
        ("ladder__share", 0.25, "a share of 0.25"),
        ("story__dataset", "alice", "the recording alice (Brennan et al. 2016)"),
        ("scene__dataset", "nsd", "the recording nsd (Allen et al. 2022)"),
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


def test_what_was_not_done_to_a_recording_is_not_told_of_it(told):
    scanned = text_of(told([STORY]))
    read = text_of(told([STORY], story__dataset="naturalstories"))
    film = text_of(told([STORY], story__dataset="sherlock2017"))
    for words, has in (("haemodynamic", [scanned]), ("a straight line", [scanned, film])):
        assert [one for one in (scanned, read, film) if words in one] == has


def test_studies_that_were_not_run_are_not_told_of(told):
    assert "ridge" not in text_of(told([SCENE]))
    assert "first showing" not in text_of(told([SCENE, VOXELS]))
    assert "ridge" in text_of(told([SCENE, VOXELS]))
    assert "where images were measured three times" in text_of(told([SCENE, AREAS]))
    assert "mcinnes2018" in cited(told([SCENE, AREAS]))
    assert "circular shifts" not in text_of(told([SCENE]))
    assert "nsd-simulated" not in text_of(told([STORY]))
    assert len(told([STORY])) == 2
    assert told([]) == []
    assert "nobody was measured" in text_of(told([STORY]))


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
