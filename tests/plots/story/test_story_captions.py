import re

import pytest

from stages.plots.kit.planted import Planted
from stages.plots.story.story_captions import CAPTIONS, facts, heading
from tests.plots.story_models import ZOO, several

NAMES = ["tiny", "tiny+untrained"]


@pytest.mark.parametrize("name", CAPTIONS)
def test_a_caption_is_one_sentence_about_what_is_shown(name, encoded):
    told = CAPTIONS[name].format_map(facts(several(encoded(), ZOO), NAMES, len(ZOO)))
    assert told.endswith(".")
    assert not re.search(r"[.] [A-Z]|[{}]|  ", told)
    assert ("tiny" in told) == (name != "decode/regions")
    assert ("2 regions" in told) == (not name.startswith("probe"))
    assert ("4 models" in told) == name.endswith(("models", "best"))
    assert ("q < .05" in told) == (name not in ("encode/layers", "probe/models"))


@pytest.mark.parametrize(
    ("subjects", "whose"),
    [
        (("s1", "s2", "group"), "average of 2 subjects"),
        (("s1", "group"), "average of 1 subject"),
        (("s1", "s2"), "s1"),
    ],
)
def test_people_are_counted_where_they_are_averaged(encoded, subjects, whose):
    assert facts(encoded(subjects=subjects), NAMES)["whose"] == whose


def test_means_of_hemispheres_are_no_regions(profiled):
    assert facts(profiled(), NAMES)["regions"] == "3 regions"


def test_voxels_are_told_from_regions(encoded):
    results = encoded()
    assert facts(results, NAMES)["voxels"] == ""
    assert facts(results.assign(target="voxel_1"), NAMES)["voxels"] == " for most voxels"


def test_the_twin_is_told_how_it_is_drawn(encoded):
    told, alone = facts(encoded(), NAMES), facts(encoded(), NAMES[:1])
    assert told["below"] == "tiny and its untrained twin tiny+untrained (below)"
    assert told["dashed"] == "tiny and its untrained twin tiny+untrained (dashed in grey)"
    assert {alone[how] for how in ("model", "below", "dashed", "across")} == {"tiny"}


def test_what_is_planted_is_told_where_it_is_known(encoded):
    results = encoded()
    assert facts(results, NAMES)["planted"] == ""
    known = facts(results, NAMES, 2, {"A": Planted("nothing")})
    assert "planted layers outlined." in CAPTIONS["encode/regions"].format_map(known)


def test_a_title_leaves_out_what_there_is_not(encoded, probed):
    assert heading("What", encoded(), "tiny") == "What: made, tiny, average of 1 subject"
    assert heading("What", encoded(subjects=("s1",)), "") == "What: made, s1"
    assert heading("What", probed, "tiny") == "What: made, tiny"
