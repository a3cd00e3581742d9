import pytest

from stages.core.run.errors import InputError
from stages.prepare.textgrid import read_textgrid, spoken_words

INTERVALS = [
    (19.0, 20.05, "sp"),
    (20.05, 20.6, "Alice"),
    (20.6, 20.8, "was "),
    (20.8, 21.0, ""),
    (21.0, 22.5, 'so ""curious""'),
]


def grid(intervals, count=None, tiers=1):
    head = (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 19\nxmax = 22.5\n'
        f"tiers? <exists>\nsize = {tiers}\nitem []:\n    item [1]:\n"
        '        class = "IntervalTier"\n        name = "word"\n        xmin = 19\n'
        f"        xmax = 22.5\n        intervals: size = {count or len(intervals)}\n"
    )
    return head + "".join(
        f"        intervals [{number}]:\n            xmin = {start}\n            xmax = {end}\n"
        f'            text = "{text}"\n'
        for number, (start, end, text) in enumerate(intervals, start=1)
    )


@pytest.fixture
def read(tmp_path):
    def read_content(content):
        path = tmp_path / "words.TextGrid"
        path.write_text(content)
        return read_textgrid(path)

    return read_content


def test_words(read, caplog):
    words = spoken_words(read(grid(INTERVALS)))
    assert words["text"].tolist() == ["Alice", "was", 'so "curious"']
    assert words["onset"].tolist() == [20.05, 20.6, 21.0]
    assert words["duration"].tolist() == pytest.approx([0.55, 0.2, 1.5])
    assert not caplog.messages


def test_a_text_in_which_nobody_speaks(read):
    """There is no word, and a recording of none is refused where it is checked."""
    silent = [(start, end, " ") for start, end, _ in INTERVALS]
    assert spoken_words(read(grid(silent))).empty


@pytest.mark.parametrize("cut", [10, 60, 100])
def test_a_file_without_its_end(read, caplog, cut):
    table = read(grid(INTERVALS)[:-cut])
    assert len(table) == 4
    assert "4 of 5 intervals there, none after 21 s: later words are unknown" in caplog.text


@pytest.mark.parametrize("content", ["<html>", "xmin = 3", '"TextGrid" no tiers'])
def test_another_format(read, content):
    with pytest.raises(InputError, match=r"unreadable TextGrid in .*expected Praat's text format"):
        read(content)


@pytest.mark.parametrize("second", [(19.0, 21.0, "a"), (20.05, 20.05, "a"), (20.6, 20.3, "a")])
def test_intervals_out_of_order(read, second):
    with pytest.raises(InputError, match=r"intervals out of order in .*TextGrid, number 2"):
        read(grid([INTERVALS[0], second, *INTERVALS[3:]]))


def test_unreadable_interval_in_between(read):
    with pytest.raises(InputError, match=r"unreadable TextGrid in .*, number 3: expected two"):
        read(grid(INTERVALS).replace("xmin = 20.6", "xmin = twenty"))


def test_more_intervals_than_are_told(read):
    message = r"other number of intervals in .*TextGrid: expected 3 in the tier 'word', got more"
    with pytest.raises(InputError, match=message):
        read(grid(INTERVALS, count=3))


def test_two_tiers_of_one_name(tmp_path):
    path = tmp_path / "words.TextGrid"
    head, _, tier = grid(INTERVALS, tiers=2).partition("    item [1]:")
    path.write_text(f"{head}    item [1]:{tier}    item [2]:{tier.replace('Alice', 'Bob')}")
    with pytest.raises(InputError, match=r"expected a tier 'word' of .*, got 'word', 'word'"):
        read_textgrid(path, "word")


SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
3.5
<exists>
3
"IntervalTier"
"Tokens 2"
0
3.5
3
0
1e-1
"#"
0.1
1.5
"l'été"
1.5
3.5
"{NS}"
"TextTier"
"points"
0
3.5
1
2.25
"12"
"IntervalTier"
"phones"
0
3.5
1
0
3.5
"a"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_short_format_and_a_tier_by_name(tmp_path, encoding):
    path = tmp_path / "short.TextGrid"
    path.write_text(SHORT, encoding=encoding)
    words = spoken_words(read_textgrid(path, "Tokens 2"))
    assert words.to_dict("list") == {"text": ["l'été"], "onset": [0.1], "duration": [1.4]}
    assert read_textgrid(path, "phones")["text"].tolist() == ["a"]
    for tier in ("Tokens", None, "points"):
        with pytest.raises(InputError, match=r"no such tier in .*got 'Tokens 2', 'phones'"):
            read_textgrid(path, tier)


def test_a_file_of_praat_that_is_no_textgrid(read):
    with pytest.raises(InputError, match="unreadable TextGrid"):
        read(grid(INTERVALS).replace("TextGrid", "Pitch"))


def test_a_tier_that_does_not_say_how_many_it_has(tmp_path):
    path = tmp_path / "short.TextGrid"
    path.write_text(SHORT.replace("3.5\n3\n0\n", '3.5\n"three"\n0\n'))
    with pytest.raises(InputError, match="expected a number of intervals"):
        read_textgrid(path, "phones")


def test_a_file_without_tiers(read):
    head = grid([]).partition("    item [1]:")[0].replace("size = 1", "size = 0")
    with pytest.raises(InputError, match=r"expected one tier of intervals, got none$"):
        read(head)


def test_words_are_counted_from_0(read):
    assert spoken_words(read(grid(INTERVALS))).index.tolist() == [0, 1, 2]
