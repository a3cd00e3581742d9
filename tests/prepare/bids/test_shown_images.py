from pathlib import Path
from types import SimpleNamespace

import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids import shown_images as module
from stages.prepare.bids.entities import BidsFile
from stages.prepare.bids.find_runs import Run
from stages.prepare.bids.shown_images import image_captions, shown_images, volume_tables

IMAGES = ["b_1.png", "a_1.png", "c.png"]


@pytest.fixture
def shown(tmp_path, settings, monkeypatch):
    """Read the images of so many volumes from a table, which may be the run's events."""
    own = settings.model_copy(update={"stimulus": "image", "rows": {"kind": ["image"]}})

    def read(n_volumes, *rows, events=True, header="onset\timage\tkind"):
        monkeypatch.setattr(module, "series_length", lambda image: n_volumes)
        path = tmp_path / "x_events.tsv"
        path.write_text("\n".join([header, *rows]) + "\n")
        name = BidsFile(Path("x_betas.nii.gz"), {"sub": "01"}, "betas", ".nii.gz")
        table = path if events else None
        run = Run("sub-01", name, (Path("a.nii"),), None, None, table, {}, {}, None, ())
        return shown_images(run, path, own).tolist()

    return read


def test_a_table_of_its_own_counts_before_events(settings):
    own = settings.model_copy(update={"betas": "betas"})

    def file(name, suffix="betas", **entities):
        path = Path(name)
        return BidsFile(path, {"sub": "01"} | entities, suffix, "." + name.partition(".")[2])

    def tables(events, *derived):
        name = BidsFile(Path("x_betas.nii.gz"), {"sub": "01", "run": "1"}, "betas", ".nii.gz")
        run = Run("sub-01", name, (Path("a.nii"),), None, None, events, {}, {}, None, ())
        return volume_tables([run], SimpleNamespace(derived=derived, derivative=Path("d")), own)

    table, events = file("run-1_betas.tsv", run="1"), Path("events.tsv")
    others = [file("run-1_betas.json", run="1"), file("run-1_x.tsv", "x", run="1")]
    assert tables(events, *others, table) == [table.path]
    assert tables(events, *others) == [events]
    with pytest.raises(InputError, match="no table of the volumes of .*in d: expected a _betas.ts"):
        tables(None, *others)


def test_rows_that_are_volumes_or_those_chosen_name_their_images(shown):
    rows = ["0\ta.png\timage", "2\t b.png \timage", "3\tx.png\trest"]
    assert shown(3, *rows) == ["a.png", "b.png", ""]
    assert shown(2, *rows) == ["a.png", "b.png"]
    for n in (1, 4):
        with pytest.raises(InputError, match=rf"expected {n} rows, .*got 3 rows, 2 of them chosen"):
            shown(n, *rows)
    with pytest.raises(InputError, match="got 2 rows. Set"):
        shown(4, *rows[:2])


def test_rows_chosen_have_an_image(shown):
    rows = ["0\ta.png\timage", "2\tn/a\timage", "3\tn/a\trest"]
    with pytest.raises(InputError, match="line 3, image: got 'n/a'"):
        shown(3, *rows)
    assert shown(2, rows[0], rows[2]) == ["a.png", ""]


def test_events_are_in_order_and_other_tables_need_not_be(shown):
    rows = ["2\ta.png\timage", "2\tb.png\timage", "1\tc.png\timage"]
    assert shown(2, *rows[:2]) == ["a.png", "b.png"]
    with pytest.raises(InputError, match="line 4, onset: expected at least 2, got 1"):
        shown(3, *rows)
    assert shown(3, *rows, events=False) == ["a.png", "b.png", "c.png"]


def written(folder, *lines, name="captions.tsv"):
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def test_captions_are_numbered_in_the_order_of_the_images(tmp_path):
    lines = ["c.png\tlast", "a_1.png\tone", "z.png\tother", "a_1.png\ttwo", "b_1.png\t b "]
    table = image_captions(written(tmp_path, "file\tcaption", *lines), IMAGES, "file")
    assert list(table.index) == [0, 1, 2, 3]
    assert table.to_numpy().tolist() == [
        ["b_1.png", 0, "b"], ["a_1.png", 0, "one"], ["a_1.png", 1, "two"], ["c.png", 0, "last"],
    ]  # fmt: skip
    assert image_captions(tmp_path / "none", IMAGES, "file") is None


def test_an_image_without_a_caption_or_an_empty_one_is_told(tmp_path):
    lines = ["a_1.png\tone", "b_1.png\tb"]
    with pytest.raises(InputError, match="image without a caption .*'c.png'"):
        image_captions(written(tmp_path, "file\tcaption", *lines), IMAGES, "file")
    with pytest.raises(InputError, match="empty caption .*line 4"):
        image_captions(written(tmp_path, "file\tcaption", *lines, "c.png\tn/a"), IMAGES, "file")


def test_descriptions_of_the_draft_are_of_what_names_begin_with(tmp_path):
    head = "stimulus_id\tdescription"
    lines = ["b\tof b", "a\tof a", "c\tof c", "d\tof d"]
    table = image_captions(written(tmp_path, head, *lines, name="stimuli.tsv"), IMAGES, "file")
    assert table["text"].tolist() == ["of b", "of a", "of c"]
    assert table["id"].tolist() == IMAGES
    with pytest.raises(InputError, match="duplicate id"):
        image_captions(written(tmp_path, head, *lines, "b\tx", name="stimuli.tsv"), IMAGES, "file")
    bare = written(tmp_path, "stimulus_id\ttype", "b\timage", name="stimuli.tsv")
    assert image_captions(bare, IMAGES, "file") is None
