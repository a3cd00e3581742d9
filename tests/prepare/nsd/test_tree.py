import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat, savemat

from stages.core.run.errors import InputError
from stages.prepare.nsd.tree import Tree, choose_sessions, find_subjects, read_design, read_trials


@pytest.fixture
def tree(nsd):
    return Tree(nsd.root)


@pytest.fixture
def edit(tree):
    """Change the table of subject 1's trials."""

    def change(how):
        path = tree.trials("subj01")
        how(pd.read_csv(path, sep="\t")).to_csv(path, sep="\t", index=False, na_rep="NaN")

    return change


@pytest.fixture
def trials(tree):
    return lambda: read_trials(tree.trials("subj01"), "subj01", [1, 2, 3], read_design(tree.design))


@pytest.fixture
def redesign(tree):
    """Change the design."""

    def change(how):
        content = loadmat(tree.design)
        how(content)
        savemat(tree.design, {k: v for k, v in content.items() if not k.startswith("__")})

    return change


def test_the_design_counts_from_0(tree, nsd):
    design = read_design(tree.design)
    np.testing.assert_array_equal(design.ordering, nsd.design.ordering)
    np.testing.assert_array_equal(design.images, nsd.design.images)
    np.testing.assert_array_equal(design.shared, nsd.design.images[0, :1000])
    assert design.images.min() == 0


def test_trials_are_in_the_order_of_the_sessions_asked_for(tree, nsd):
    design = read_design(tree.design)
    for sessions in ([1, 2, 3], [3], [1, 3]):
        found = read_trials(tree.trials("subj02"), "subj02", sessions, design)
        assert found["session"].tolist() == [s for s in sessions for _ in range(750)]
        np.testing.assert_array_equal(found["image"], nsd.design.shown(2, sessions))


def test_subjects_are_those_with_responses(tree, tmp_path):
    assert find_subjects(tree) == ["subj01", "subj02"]
    with pytest.raises(InputError, match=r"no subject's folder in .*nsd/README\.md.*--temp"):
        find_subjects(Tree(tmp_path / "elsewhere"))


def test_sessions_are_those_listed(tree):
    assert choose_sessions(tree, "subj01", [3, 1]) == [1, 3]


def test_sessions_never_planned_for_a_subject_are_left_out(tree):
    folder = tree.betas("subj04")
    folder.mkdir(parents=True)
    for session in range(1, 31):
        tree.session("subj04", session).write_text("x")
    assert choose_sessions(tree, "subj04", "all") == list(range(1, 31))
    assert choose_sessions(tree, "subj04", [30, 31, 40]) == [30]
    with pytest.raises(InputError, match="no session in sessions of subj04"):
        choose_sessions(tree, "subj04", [31])


@pytest.mark.parametrize("requested", [[1, 2, 3, 4], "all"])
def test_a_missing_session_is_never_skipped(tree, requested):
    with pytest.raises(InputError, match=r"file not found in .*session04\.hdf5\. List the sessi"):
        choose_sessions(tree, "subj01", requested)


@pytest.mark.parametrize(
    ("requested", "message"),
    [([0], "unknown session .*expected 1 to 40, got 0"), ([1, 1], "session given twice")],
)
def test_wrong_sessions(tree, requested, message):
    with pytest.raises(InputError, match=message):
        choose_sessions(tree, "subj01", requested)


def test_a_session_that_lacks_a_trial(edit, trials):
    edit(lambda table: table.drop(index=800))
    with pytest.raises(
        InputError, match=r"trials do not match the responses in .*session 2: expected 750 .*749"
    ):
        trials()


def test_a_session_that_is_not_in_the_table(edit, trials):
    edit(lambda table: table[table["SESSION"] < 3])
    with pytest.raises(InputError, match="session 3: expected 750 trials, got 0"):
        trials()


def test_trials_that_changed_places(edit, trials):
    edit(lambda table: table.iloc[[1, 0, *range(2, len(table))]])
    with pytest.raises(InputError, match=r"trials out of order .*row 2: got run 1, trial 1"):
        trials()


def test_images_that_changed_places(edit, trials, nsd):
    def swap(table):
        table.loc[[0, 1], "73KID"] = table.loc[[1, 0], "73KID"].to_numpy()
        return table

    edit(swap)
    expected = nsd.design.shown(1, [1])[0] + 1
    with pytest.raises(
        InputError, match=f"do not match the design .*session 1, trial 1: expected image {expected}"
    ):
        trials()


def test_the_table_of_another_subject(tree):
    with pytest.raises(InputError, match="other subject in .*expected 2, got {1}"):
        read_trials(tree.trials("subj01"), "subj02", [1], read_design(tree.design))


@pytest.mark.parametrize("image", [0, 73001])
def test_an_image_id_out_of_range(edit, trials, image):
    edit(lambda table: table.assign(**{"73KID": [image, *table["73KID"][1:]]}))
    with pytest.raises(
        InputError, match=f"image id out of range in .*row 2: expected 1 to 73000, got {image}"
    ):
        trials()


def test_a_column_that_is_missing_or_no_number(edit, trials):
    edit(lambda table: table.assign(TRIAL=0.5))
    with pytest.raises(InputError, match="wrong type in .*column TRIAL"):
        trials()
    edit(lambda table: table.drop(columns="RUN"))
    with pytest.raises(InputError, match="column missing in .*expected RUN"):
        trials()


@pytest.mark.parametrize("wrong", [0, 73001, 1.5])
def test_a_design_with_an_index_out_of_range(redesign, tree, wrong):
    def spoil(content):
        content["subjectim"] = content["subjectim"].astype(float)
        content["subjectim"][3, 7] = wrong

    redesign(spoil)
    with pytest.raises(InputError, match=f"index out of range in .*subjectim.*got {wrong}"):
        read_design(tree.design)


def test_shared_images_that_are_not_shared(redesign, tree):
    redesign(lambda content: content.update(sharedix=content["subjectim"][:1, 1000:2000]))
    with pytest.raises(InputError, match="shared images differ"):
        read_design(tree.design)


NO_TABLES = {
    "no text": b"\xff\xfe\x00\x81",
    "ragged": b"a\tb\n1\t2\t3\t4\n1\n1\t2\t3\t4\t5\n",
    "one line": b"a\tb 1\t2 " * 10**6,
}


@pytest.mark.parametrize("content", NO_TABLES.values(), ids=NO_TABLES.keys())
def test_what_is_no_table(tree, trials, content):
    tree.trials("subj01").write_bytes(content)
    with pytest.raises(InputError, match=r"unreadable table in .*responses\.tsv"):
        trials()


def test_a_design_of_fewer_trials(redesign, tree):
    redesign(lambda content: content.update(masterordering=content["masterordering"][:, :750]))
    with pytest.raises(
        InputError, match="wrong shape in .*masterordering: .*30000 trials, got 750"
    ):
        read_design(tree.design)


def test_a_design_of_another_shape(redesign, tree):
    redesign(lambda content: content.update(sharedix=content["sharedix"][:, :515]))
    with pytest.raises(InputError, match="wrong shape in .*1000 shared images.*515"):
        read_design(tree.design)
