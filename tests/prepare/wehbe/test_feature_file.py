import logging

import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.wehbe.feature_file import parse_features, read_features

N_WORDS = 74


@pytest.fixture
def parse(make_struct):
    return lambda blocks: parse_features(make_struct(blocks), N_WORDS, "features")


def test_named_by_type_and_name(release, blocks):
    table = read_features(release / "story_features.mat", N_WORDS)
    assert table.columns.tolist() == [
        "NNSE/s1000_1",
        "NNSE/s1000_10",
        "Visual/word_length",
        "Visual/var_WL",
        "Word_Num/sentence_length",
        "Part_of_speech/CC",
        "Part_of_speech/,",
        "Dependency_role/CC",
        "Dependency_role/SBJ",
    ]
    np.testing.assert_array_equal(table["Dependency_role/CC"], blocks["values"][4][:, 0])
    np.testing.assert_array_equal(table["Word_Num/sentence_length"], blocks["values"][2][:, 0])
    assert table.dtypes.map(str).eq("float64").all()
    assert (table["Visual/var_WL"] == 0).all()


def test_published_file(mirror):
    table = read_features(mirror / "wehbe2014" / "story_features.mat", 5176)
    assert table.shape == (5176, 195)
    assert {"Part_of_speech/CC", "Dependency_role/CC"} <= set(table.columns)
    position = table["Word_Num/sentence_length"]
    assert ((position == 0).sum(), (position == 1).sum()) == (201, 433)
    assert position.diff().min() < 0
    kinds = table.columns.str.split("/").str[0].value_counts()
    assert kinds["NNSE"] == 100
    assert kinds["Part_of_speech"] == 28


def test_empty_blocks_are_skipped_and_logged(parse, blocks, caplog):
    caplog.set_level(logging.INFO)
    for field in blocks.values():
        field.insert(1, np.zeros((0, 0)))
    assert parse(blocks).shape == (N_WORDS, 9)
    assert "1 empty blocks skipped" in caplog.text


def test_a_block_without_a_type_that_has_values_is_not_empty(parse, blocks):
    blocks["type"][1] = np.zeros((0, 0))
    with pytest.raises(InputError, match=r"features without a type in .*got \(74, 2\) values"):
        parse(blocks)


def test_a_feature_without_a_name(parse, blocks, make_cell):
    blocks["names"][0] = make_cell("s1000_1", " ")
    with pytest.raises(InputError, match="feature without a name in features, NNSE"):
        parse(blocks)


def test_name_too_many_in_the_older_copy(parse, blocks, make_cell, caplog):
    caplog.set_level(logging.INFO)
    blocks["names"][1] = make_cell("word_length", "var_WL", "more")
    assert "Visual/more" not in parse(blocks)
    assert "no values for the last name, more" in caplog.text


def test_one_dimensional_values(parse, blocks):
    blocks["values"][2] = blocks["values"][2][:, 0]
    assert "Word_Num/sentence_length" in parse(blocks)


@pytest.mark.parametrize("shape", [(74, 2, 2), (74, 2, 1), (74, 1, 2)])
def test_values_with_three_axes(parse, blocks, shape):
    blocks["values"][0] = np.zeros(shape)
    with pytest.raises(InputError, match=r"wrong shape in features, NNSE: expected any × any, got"):
        parse(blocks)


def test_another_row_count(parse, blocks):
    blocks["values"][3] = blocks["values"][3][:-1]
    with pytest.raises(
        InputError,
        match=r"another row count in features, Part_of_speech: expected 74 words, got 73 rows",
    ):
        parse(blocks)


def test_names_and_values_differ(parse, blocks, make_cell):
    blocks["names"][0] = make_cell("s1000_1")
    with pytest.raises(
        InputError, match=r"names and values differ in features, NNSE: expected 1 columns, got 2"
    ):
        parse(blocks)


def test_duplicate_feature(parse, blocks, make_cell):
    blocks["names"][4] = make_cell("CC", "CC")
    with pytest.raises(InputError, match=r"duplicate feature in features: got Dependency_role/CC"):
        parse(blocks)


def test_missing_value(parse, blocks):
    blocks["values"][0][7, 1] = np.nan
    with pytest.raises(
        InputError, match=r"values that are not finite in features, NNSE/s1000_10, word 7"
    ):
        parse(blocks)


def test_no_features(parse):
    empty = [np.zeros((0, 0))]
    with pytest.raises(InputError, match="no features in features"):
        parse({"type": empty, "names": empty, "values": empty})


def test_renamed_variable(release):
    with pytest.raises(
        InputError, match=r"variable missing in .*subject_1\.mat: expected features"
    ):
        read_features(release / "subject_1.mat", N_WORDS)
