import re
from types import SimpleNamespace

import pytest

from stages.core.run.errors import InputError
from stages.share.bids_labels import distinct_labels, file_name, joined, label
from stages.share.derivative_folder import open_derivative


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("minilm", "minilm"),
        ("minilm+untrained", "minilmUntrained"),
        ("minilm-untrained-0", "minilmUntrained0"),
        ("layer_03", "layer03"),
        ("blocks.2", "blocks2"),
        ("../../etc/passwd", "etcPasswd"),
        ("<script>alert(1)</script>", "scriptAlert1Script"),
        ("sub-01_task-x", "sub01TaskX"),
        ("Frontal_Inf_Oper_L", "FrontalInfOperL"),
        ("modèle é", "modeleE"),
        ("  a\tb\nc ", "aBC"),
    ],
)
def test_a_label_is_letters_and_digits(name, expected):
    assert label(name) == expected
    assert re.fullmatch("[A-Za-z0-9]+", label(name))


@pytest.mark.parametrize("name", ["", "..", "///", "模型", "🙂", "-_-"])
def test_a_name_without_a_letter_is_refused(name):
    with pytest.raises(InputError, match="cannot be a label"):
        label(name)


def test_names_that_would_share_a_file_are_refused():
    assert distinct_labels(["a_1", "a_2"], "subjects") == {"a_1": "a1", "a_2": "a2"}
    for pair in (["v1.5", "v15"], ["s_1", "S1"], ["é", "e"]):
        with pytest.raises(InputError, match="in subjects: got .* both"):
            distinct_labels(pair, "subjects")
    assert distinct_labels(["a", "a"], "subjects") == {"a": "a"}


def test_entities_stand_in_their_order():
    named = {"desc": "x", "sub": "1", "stat": "r", "hemi": "L", "task": "t", "space": "s"}
    expected = "sub-1_task-t_hemi-L_space-s_stat-r_desc-x_statmap.nii.gz"
    assert file_name(named, "statmap", ".nii.gz") == expected
    assert joined("encode", "mini_lm", "layer_03") == "encodeMiniLmLayer03"


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["sub-01", "sub-02", "group"], ["01", "02"]),
        (["subject_1", "group"], ["subject1"]),
        (["sub-1", "1"], ["sub1", "1"]),
        ([], []),
    ],
)
def test_people_of_a_bids_recording_keep_their_labels(tmp_path, names, labels):
    people = [SimpleNamespace(name=name) for name in names]
    made = open_derivative(
        tmp_path, "story", SimpleNamespace(subjects=people, dataset="bids", space="")
    )
    assert list(made.people.values()) == labels
