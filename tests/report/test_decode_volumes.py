import numpy as np
import pandas as pd
import pytest

from stages.core.results.results import results_table
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.report import decode_volumes
from stages.report.decode_volumes import STEPS, rank_features, read_volumes
from tests.report.made_maps import PLACES, millimetres, write_weights
from tests.report.unpacked import array_of

FEATURES = ["Verbs/run", "Verbs/see", "Word/length"]
WEIGHTS = np.array([[0.5, -3.0, 0.0], [-0.25, 1.0, 0.02], [0.125, 2.0, -0.01]])
R = {"Verbs/run": 0.1, "Verbs/see": 0.3, "Word/length": 0.2}


@pytest.fixture
def decoded(tmp_path):
    """Results whose features have mean r of .1, .3 and .2, and a baseline of no feature."""
    rows = [
        {"dataset": "toy", "subject": subject, "region": region, "target": name, "kind": "frem"}
        | {"family": name.partition("/")[0], "metric": "r", "score": r + error}
        for name, r in R.items()
        for subject, region, error in (("s1", "A", 0.01), ("s1", "B", -0.01), ("group", "A", 0))
    ]
    rows.append(rows[0] | {"kind": "baseline", "target": "none", "score": 1.0})
    rows.append(rows[0] | {"metric": "r2", "score": 9.0})
    write_table(tmp_path / "decode.parquet", results_table(rows))
    return tmp_path / "decode.parquet"


def weights_at(person, feature):
    """Weights of a person by place in mm, as the page reads them."""
    shape, affine = person["shape"], np.array(person["affine"])
    inside = array_of(person["inside"], np.uint8).reshape(shape)
    packed = person["weights"][feature]
    values = array_of(packed, np.int8).astype(float) / STEPS * packed["top"]
    places = [tuple(affine @ [*voxel, 1]) for voxel in np.argwhere(inside)]
    return dict(zip(places, values, strict=True))


def test_every_weight_lies_where_it_was(decoded, tmp_path):
    write_weights(tmp_path / "maps", "s1", FEATURES, WEIGHTS)
    made = read_volumes(tmp_path / "maps", decoded)
    assert made["features"] == ["Verbs/see", "Word/length", "Verbs/run"]
    assert made["of"] == 3
    (person,) = made["people"]
    assert person["name"] == "s1"
    assert person["shape"] == [5, 3, 4]
    assert (np.diag(person["affine"]) > 0).all()  # left is left, and up is up
    for place, name in enumerate(made["features"]):
        column = WEIGHTS[:, FEATURES.index(name)]
        found = weights_at(person, place)
        assert len(found) == len(PLACES)
        for voxel, weight in zip(PLACES, column, strict=True):
            step = np.abs(column).max() / STEPS
            assert found[tuple(millimetres(voxel))] == pytest.approx(weight, abs=0.51 * step)


def test_the_best_features_stay_where_a_page_cannot_hold_all(decoded, tmp_path, monkeypatch):
    for name in ("s10", "s2"):
        write_weights(tmp_path / "maps", name, FEATURES, WEIGHTS)
    for most, kept in ((12, 2), (11, 1), (1, 1), (18, 3)):
        monkeypatch.setattr(decode_volumes, "MOST_WEIGHTS", most)
        made = read_volumes(tmp_path / "maps", decoded)
        assert made["features"] == ["Verbs/see", "Word/length", "Verbs/run"][:kept]
        assert made["of"] == 3
        assert [len(person["weights"]) for person in made["people"]] == [kept, kept]
        assert [person["name"] for person in made["people"]] == ["s2", "s10"]


def test_features_are_ranked_by_r_alone(decoded):
    ranked = rank_features(pd.read_parquet(decoded))
    assert ranked == sorted(R, key=R.get, reverse=True)


def test_where_nothing_was_decoded_there_is_no_volume(decoded, tmp_path):
    assert read_volumes(tmp_path / "maps", decoded) == {}
    write_weights(tmp_path / "maps", "s1", FEATURES, WEIGHTS)
    write_table(tmp_path / "none.parquet", results_table([]))
    assert read_volumes(tmp_path / "maps", tmp_path / "none.parquet") == {}


def test_maps_that_do_not_fit_are_refused(decoded, tmp_path):
    maps = tmp_path / "maps"
    write_weights(maps, "s1", FEATURES, WEIGHTS)
    legend = maps / "s1.tsv"
    whole = pd.read_csv(legend, sep="\t")
    whole.iloc[:2].to_csv(legend, sep="\t", index=False)
    with pytest.raises(InputError, match=r"feature without a map in .*s1\.tsv.*Word/length"):
        read_volumes(maps, decoded)
    pd.concat([whole, whole[:1]]).to_csv(legend, sep="\t", index=False)
    with pytest.raises(InputError, match="expected 4 volumes, one for each line of s1.tsv"):
        read_volumes(maps, decoded)
    legend.unlink()
    with pytest.raises(InputError, match=r"s1\.tsv"):
        read_volumes(maps, decoded)
    write_weights(maps, "s1", FEATURES, 0 * WEIGHTS)
    with pytest.raises(InputError, match="maps without a weight"):
        read_volumes(maps, decoded)


def test_maps_that_are_damaged_are_refused(decoded, tmp_path):
    maps = tmp_path / "maps"
    write_weights(maps, "s1", FEATURES, WEIGHTS * [[1, np.nan, 1]])
    with pytest.raises(InputError, match=r"not finite in .*s1\.nii\.gz"):
        read_volumes(maps, decoded)
    write_weights(maps, "s1", FEATURES, WEIGHTS)
    image = maps / "s1.nii.gz"
    whole = image.read_bytes()
    flipped = whole[:60] + bytes([whole[60] ^ 255]) + whole[61:]
    for broken in (whole[: len(whole) // 2], b"no image", b"", flipped):
        image.write_bytes(broken)
        with pytest.raises(InputError, match=r"s1\.nii\.gz"):
            read_volumes(maps, decoded)


def test_the_largest_weight_is_127_steps_and_nothing_is_none(decoded, tmp_path):
    weights = np.array([[0.5, -3.0, 0.0], [-0.25, 1.0, 0.0], [0.125, 2.0, 0.0]])
    write_weights(tmp_path / "maps", "s1", FEATURES, weights)
    (person,) = read_volumes(tmp_path / "maps", decoded)["people"]
    see, length, run = person["weights"]
    assert [one["top"] for one in (see, length, run)] == [3.0, 0.0, 0.5]
    assert sorted(array_of(see, np.int8).tolist()) == [-127, 42, 85]
    assert sorted(array_of(run, np.int8).tolist()) == [-64, 32, 127]
    assert array_of(length, np.int8).tolist() == [0, 0, 0]
    assert array_of(person["inside"], np.uint8).sum() == 3


def test_a_feature_may_be_called_as_what_is_missing(tmp_path):
    rows = [{"dataset": "toy", "subject": "s1", "region": "A", "kind": "frem", "metric": "r"}]
    rows = [
        rows[0] | {"target": name, "family": name, "score": r}
        for name, r in (("null", 0.2), ("NA", 0.2))
    ]
    write_table(tmp_path / "decode.parquet", results_table(rows))
    write_weights(tmp_path / "maps", "s1", ["NA", "null"], WEIGHTS[:, :2])
    made = read_volumes(tmp_path / "maps", tmp_path / "decode.parquet")
    assert made["features"] == ["null", "NA"]  # of equals, as they come
    assert [one["top"] for one in made["people"][0]["weights"]] == [3.0, 0.5]
