"""Which files of a folder are tables, and whose."""

import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_folder import FILES, find_subjects, find_tables


@pytest.fixture
def folder(tmp_path):
    def of(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith("/"):
                path.mkdir(exist_ok=True)
            else:
                path.touch()
        return tmp_path

    return of


def test_tables_go_by_their_names(folder):
    root = folder("stimuli.csv", "responses.npz", "targets.parquet", "nuisance.tsv")
    expected = {
        name.split(".")[0]: root / name
        for name in ("stimuli.csv", "responses.npz", "targets.parquet", "nuisance.tsv")
    }
    others = ("README.md", "notes.txt", "stimuli.json", "X.JSON", ".hidden.csv", "images/a.png")
    assert find_tables(folder(*others), FILES) == expected


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["stimulus.csv"], "unknown file in .*got 'stimulus.csv'.*stimuli"),
        (["stimuli.npz"], "unknown format in .*stimuli.npz: expected .csv, .tsv, .parquet, got"),
        (["stimuli.CSV"], "unknown format in .*got '.CSV'"),
        (["stimuli.csv", "stimuli.tsv"], "two files of .*got stimuli.csv and stimuli.tsv"),
    ],
)
def test_what_is_no_table_is_refused(folder, names, message):
    with pytest.raises(InputError, match=message):
        find_tables(folder(*names), FILES)


def test_a_table_elsewhere_is_refused(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "stimuli.csv"
    other.touch()
    root = folder("a/")
    (root / "stimuli.csv").symlink_to(other)
    with pytest.raises(InputError, match="leads out of the folder"):
        find_tables(root, FILES)


def test_people_have_folders_of_their_own(folder):
    root = folder("b/responses.csv", "a-1/responses.npz", "a-1/targets.csv", "images/x.png", ".g/x")
    assert find_subjects(root, {"stimuli"}) == {
        "a-1": {"responses": root / "a-1/responses.npz", "targets": root / "a-1/targets.csv"},
        "b": {"responses": root / "b/responses.csv"},
    }
    with pytest.raises(InputError, match="two places in .*itself and those of a-1"):
        find_subjects(root, {"responses"})


def test_responses_of_the_folder_itself_are_of_the_only_person(folder):
    assert find_subjects(folder("images/x.png"), {"responses"}) == {"subject_1": {}}
    with pytest.raises(InputError, match="no responses in .*or a folder with one"):
        find_subjects(folder("images/x.png"), {"stimuli"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a b", "name of a subject in .*got a b"),
        ("_a", "name of a subject"),
        ("group", "means an average in .*got group"),
        ("mean", "means an average"),
        ("models", "means an average"),
    ],
)
def test_names_that_people_cannot_have(folder, name, message):
    with pytest.raises(InputError, match=message):
        find_subjects(folder(f"{name}/responses.csv"), ())


def test_a_folder_of_a_person_holds_responses(folder):
    with pytest.raises(InputError, match="no responses in .*b: expected responses.csv, .tsv"):
        find_subjects(folder("a/responses.csv", "b/targets.csv"), ())
    with pytest.raises(InputError, match="unknown file in .*a: got 'stimuli.csv'"):
        find_subjects(folder("a/stimuli.csv"), ())
