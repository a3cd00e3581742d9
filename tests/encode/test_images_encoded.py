"""Layers to voxels, of images: against scikit-learn, a planted truth, a floor and a ceiling."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from numpy.testing import assert_allclose
from scipy.stats import binom
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from stages.core.activations.activations import read_about, write_about
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import captions_digest, stimuli_digest
from stages.core.regression.ridge import lambda_grid
from stages.core.results.left_out_scores import read_jackknife
from stages.core.results.results import read_results
from stages.core.run.errors import InputError
from stages.core.run.origins import of_recording
from stages.core.run.tables import write_table
from stages.core.stats.averaged_noise import noise_ceiling
from stages.core.stats.jackknife import over_stimuli, pseudo_values
from stages.core.stats.row_orders import row_orders
from stages.encode.__main__ import main
from stages.encode.image_folds import image_folds
from stages.encode.images_encoded import encode_images
from tests.conftest import PROJECT
from tests.encode.image_recordings import (
    LAYERS,
    REGIONS,
    SHARED,
    N,
    make_layers,
    make_recording,
    settings,
    write_model,
)


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    monkeypatch.setenv("CONCORD_JOBS", "1")


@pytest.fixture
def layers(rng):
    return make_layers(rng)


@pytest.fixture
def encode(tmp_path):
    """Encode a recording from layers."""

    def run(recording, layers, groups=None, **changes):
        folder = write_model(tmp_path / "net", layers, recording.stimuli)
        return encode_images(recording, folder, settings(**changes), groups)[0]

    return run


def groups_of(recording, groups):
    return pd.DataFrame({"id": list(recording.stimuli["id"]), "group": [f"g{k}" for k in groups]})


def scores(table, kind="nested"):
    rows = table[table["kind"] == kind]
    return rows.set_index(["subject", "region", "layer"])


@pytest.mark.parametrize("apart", [True, False])
def test_scores_are_those_of_scikit_learn(layers, rng, encode, apart):
    recording = make_recording(layers, rng, apart=apart)
    found = encode(recording, layers, targets="voxel", least_ncsnr=0.0)
    person = recording.subjects[-1]
    rows = pd.Index(recording.stimuli["id"]).get_indexer(person.samples["id"])
    kept = (rows < SHARED) & apart
    folds = image_folds(kept, settings().folds.blocks, 0)
    grid = {"ridge__alpha": lambda_grid(settings().ridge.lambdas)}
    guess = np.full(len(rows), np.nan)
    at = found[(found["subject"] == person.name) & (found["kind"] == "hidden")]
    at = at.set_index(["target", "layer"])
    for voxel, layer in ((0, "blocks.0"), (5, "blocks.0"), (14, "blocks.2")):
        design, y = layers[layer][rows].astype(float), person.responses[:, voxel].astype(float)
        for fold in folds:
            part = np.full(len(rows), -1)
            for number, split in enumerate(fold.inner):
                part[split.test] = number
            train = fold.outer.train
            model = make_pipeline(StandardScaler(), Ridge())
            search = GridSearchCV(
                model, grid, scoring="neg_mean_squared_error", cv=PredefinedSplit(part[train])
            ).fit(design[train], y[train])
            guess[fold.outer.test] = search.predict(design[fold.outer.test])
        tested = ~np.isnan(guess)
        r = np.corrcoef(guess[tested], y[tested])[0, 1]
        row = at.loc[(f"v{voxel}", layer)]
        assert row["score"] == pytest.approx(r, abs=1e-6)
        assert (row["n"], row["split"]) == (tested.sum(), "test" if apart else "all")
        assert row["null_kind"] == ("closed" if apart else "drawn")


@pytest.mark.parametrize("apart", [True, False])
def test_the_planted_layer_is_chosen_and_nothing_is_found_where_nothing_is(
    layers, rng, encode, apart
):
    table = encode(make_recording(layers, rng, apart=apart, signal=1.5), layers, least_ncsnr=0.0)
    nested = table[table["kind"] == "nested"].set_index(["subject", "region"])
    for (_, region), row in nested.iterrows():
        if REGIONS[region]:
            assert row["layer"] == REGIONS[region]
            assert row["q"] < 0.05
            assert 0.75 < row["score"] / row["ceiling"] < 1.05
        else:
            assert row["p"] > 0.05
            assert row["ceiling"] == 0
    assert set(table["null_kind"]) == {"closed" if apart else "drawn"}
    wrong = table[(table["kind"] == "hidden") & (table["layer"] == "blocks.1")]
    assert (wrong["q"] > 0.05).all()


def test_the_signal_itself_reaches_the_ceiling_and_the_responses_themselves_one(rng, encode):
    layers = make_layers(rng)
    recording = make_recording(layers, rng, apart=False, signal=2.0)
    person = recording.subjects[0]
    own = {"blocks.0": layers["blocks.0"], "data": person.responses[:, :12].copy()}
    found = scores(encode(recording, own), "hidden")["score"]
    ceilings = scores(encode(recording, own), "hidden")["ceiling"]
    assert found["one", "V1", "data"] == pytest.approx(1, abs=0.01)
    top = noise_ceiling(np.array([2.0]), np.full(N, 3))[0]
    assert ceilings["one", "V1", "blocks.0"] == pytest.approx(top)
    assert found["one", "V1", "blocks.0"] == pytest.approx(top, abs=0.03)


def test_noise_finds_nothing(layers, rng, encode):
    recording = make_recording(layers, rng)
    noise = {f"width_{k}": rng.standard_normal((N, k)).astype(np.float32) for k in (10, 40)}
    table = encode(recording, noise)
    assert (table["q"] > 0.05).all()
    assert table["score"].abs().max() < 0.15


def test_images_shown_twice_tell_nothing_of_each_other_if_they_are_left_out_together(rng, encode):
    """Responses to copies are copies, of noise: what is learnt of one is known of the other."""
    recording = make_recording(make_layers(rng), rng, apart=False, signal=0.0)
    copies = np.arange(N) // 2
    layers = {"wide": rng.standard_normal((N, 200)).astype(np.float32)[copies]}
    (one,) = recording.subjects
    recording = replace(recording, subjects=[replace(one, responses=one.responses[copies])])
    leaking = encode(recording, layers, least_ncsnr=0.0)
    honest = encode(recording, layers, groups_of(recording, copies), least_ncsnr=0.0)
    assert leaking.loc[leaking["kind"] == "hidden", "score"].mean() > 0.2
    assert honest.loc[honest["kind"] == "hidden", "score"].mean() < 0.05
    alone = encode(recording, layers, groups_of(recording, range(N)), least_ncsnr=0.0)
    pd.testing.assert_frame_equal(alone, leaking)


def test_groups_of_other_images_are_refused(layers, rng, encode):
    recording = make_recording(layers, rng)
    groups = groups_of(recording, range(N))
    with pytest.raises(InputError, match="ids differ in stimuli and the groups of images"):
        encode(recording, layers, groups=groups[::-1])


def near(one, other, permute, block):
    return one // block == other // block if permute == "blocks" else abs(one - other) <= block


def in_order(rows, order, permute, block):
    """Whether an order has blocks in another place, or all rows in a circle."""
    if permute == "shifts":
        return any(np.array_equal(np.roll(rows, k), order) for k in range(block, N - block + 1))
    return all(
        b - a == 1 or (a % block == block - 1 and b % block == 0) or N - 1 in (a, b)
        for a, b in pairwise(order)
    )


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(("permute", "block"), [("shifts", 3), ("blocks", 5)])
def test_a_null_that_keeps_images_together_is_that_of_a_naive_loop(
    rng, tmp_path, apart, permute, block
):
    """Predict every voxel anew in every order, image by image, with scikit-learn."""
    layers = {"one": make_layers(rng)["blocks.0"]}
    recording = make_recording(make_layers(rng), rng, apart=False)
    kept = np.arange(N) % 30 < 10
    if apart:
        split = np.where(kept, "test", "train")
        recording = replace(recording, samples=recording.samples.assign(split=split))
    folder = write_model(tmp_path / "net", layers, recording.stimuli)
    asked = settings(permute=permute, block=block, draws=8, least_ncsnr=0.0)
    single = asked.ridge.lambdas.model_copy(update={"count": 1, "high": 100.0})
    asked = replace(asked, ridge=asked.ridge.model_copy(update={"lambdas": single}))
    row = encode_images(recording, folder, asked)[0].iloc[0]
    orders = row_orders(N, 8, 0, permute, block)
    assert all(in_order(np.arange(N), order, permute, block) for order in orders[1:])
    parts = [np.flatnonzero(kept)] if apart else np.array_split(np.arange(N), 3)
    series, found = recording.subjects[0].responses[:, :12].astype(float), []
    for order in orders:
        moved, guess = series[order], np.full((N, 12), np.nan)
        for test in parts:
            train = [k for k in range(N) if not any(near(k, t, permute, block) for t in test)]
            model = make_pipeline(StandardScaler(), Ridge(alpha=single.high))
            model.fit(layers["one"][train].astype(float), moved[train])
            guess[test] = model.predict(layers["one"][test].astype(float))
        told = ~np.isnan(guess[:, 0])
        pairs = zip(guess[told].T, moved[told].T, strict=True)
        found.append(np.mean([np.corrcoef(*pair)[0, 1] for pair in pairs]))
    score, null = found[0], np.array(found[1:])
    assert row["null_kind"] == "drawn"
    assert row["score"] == pytest.approx(score, abs=1e-6)
    assert row["null_mean"] == pytest.approx(null.mean(), abs=1e-5)
    assert row["null_sd"] == pytest.approx(null.std(), abs=1e-5)
    assert row["p"] == pytest.approx((1 + (null >= score).sum()) / (1 + len(null)))


def filmed(rng, columns):
    """Each image is like the one before."""
    rows = rng.standard_normal((N, columns))
    for row in range(1, N):
        rows[row] = 0.7 * rows[row - 1] + np.sqrt(1 - 0.7**2) * rows[row]
    return rows.astype(np.float32)


@pytest.mark.parametrize("apart", [True, False])
def test_images_in_time_share_no_more_than_they_should(rng, encode, apart):
    """Of unrelated series, chance in any order of the images finds many."""
    layers = {f"layer{k}": filmed(rng, 8) for k in range(4)}
    recording = make_recording(make_layers(rng), rng, apart=False)
    (one,) = recording.subjects
    kept = np.where(np.arange(N) % 30 < 10, "test", "train")
    if apart:
        recording = replace(recording, samples=recording.samples.assign(split=kept))
    found = {"rows": 0, "shifts": 0}
    for _ in range(4):
        responses = filmed(rng, one.responses.shape[1])
        here = replace(recording, subjects=[replace(one, responses=responses)])
        for permute, block in (("rows", 1), ("shifts", 3)):
            table = encode(here, layers, least_ncsnr=0.0, permute=permute, block=block)
            hidden = table[table["kind"] == "hidden"]
            found[permute] += int((hidden["p"] <= 0.05).sum())
    tests = 4 * 4 * len(REGIONS)
    assert found["shifts"] <= binom.ppf(0.999, tests, 0.06)
    assert found["rows"] > 1.8 * binom.ppf(0.999, tests, 0.06)


@pytest.mark.parametrize("apart", [True, False])
def test_what_is_planted_in_images_in_time_is_found(rng, encode, apart):
    layers = {name: filmed(rng, width) for name, width in LAYERS.items()}
    recording = make_recording(layers, rng, apart=False, signal=1.5)
    kept = np.where(np.arange(N) < 30, "test", "train")
    if apart:
        recording = replace(recording, samples=recording.samples.assign(split=kept))
    table = encode(recording, layers, least_ncsnr=0.0, permute="shifts", block=3)
    nested = table[table["kind"] == "nested"].set_index("region")
    for region, driver in REGIONS.items():
        assert (nested.loc[region, "p"] <= 0.05) == bool(driver)
        if driver:
            assert nested.loc[region, "layer"] == driver
            assert nested.loc[region, "score"] > 0.5


def test_a_region_is_the_mean_over_its_voxels(layers, rng, encode):
    recording = make_recording(layers, rng)
    one = scores(encode(recording, layers), "hidden")
    each = encode(recording, layers, targets="voxel")
    each = each[each["kind"] == "hidden"].groupby(["subject", "region", "layer"], sort=False)
    for column in ("score", "ceiling"):
        pd.testing.assert_series_equal(one[column], each[column].mean(), check_names=False)


def test_the_layer_is_not_chosen_by_the_images_that_are_tested(layers, rng, encode):
    """Other responses to the images kept apart change scores, but not which layer is named."""
    recording = make_recording(layers, rng)
    people = []
    for person in recording.subjects:
        responses = person.responses.copy()
        responses[:SHARED] = rng.standard_normal((SHARED, responses.shape[1]))
        people.append(replace(person, responses=responses))
    before = encode(recording, layers)
    after = encode(replace(recording, subjects=people), layers)
    nested = [table[table["kind"] == "nested"] for table in (before, after)]
    assert nested[0]["layer"].tolist() == nested[1]["layer"].tolist()
    assert (nested[0]["score"].to_numpy() != nested[1]["score"].to_numpy()).all()
    assert nested[1]["score"].abs().max() < 0.2


def test_who_saw_no_image_that_is_kept_apart_is_left_out_by_name(layers, rng, encode, caplog):
    recording = make_recording(layers, rng)
    first, second = recording.subjects
    own = np.arange(len(second.samples)) >= SHARED
    samples = second.samples[own].reset_index(drop=True)
    less = replace(second, responses=second.responses[own], samples=samples)
    found = encode(replace(recording, subjects=[first, less]), layers)
    assert set(found["subject"]) == {"subj0"}
    assert "subject subj1 left out: saw no image that is kept apart" in caplog.text


def test_wide_layers_are_projected(layers, rng, encode):
    recording = make_recording(layers, rng)
    wide = {"wide": np.tile(layers["blocks.0"], (1, 20))}
    found = scores(encode(recording, wide, width=30), "hidden")["score"]
    whole = scores(encode(recording, wide), "hidden")["score"]
    assert (found != whole).all()
    np.testing.assert_allclose(found, whole, atol=0.1)


def test_what_has_no_responses_is_refused(layers, rng, encode, tmp_path):
    recording = make_recording(layers, rng)
    folder = write_model(tmp_path / "net", layers, recording.stimuli)
    for kind, got in (("rdm", "dissimilarities of pairs"), ("timeseries", "a story")):
        with pytest.raises(InputError, match=f"no responses to images in made.*{got}"):
            encode_images(replace(recording, kind=kind), folder, settings())


def test_other_captions_are_refused_where_all_were_shown(layers, rng, tmp_path):
    recording = make_recording(layers, rng)
    folder = write_model(tmp_path / "net", layers, recording.stimuli)
    captions = recording.stimuli[["id", "text"]].assign(number=0)
    about, rows = read_about(folder, stimuli_digest(recording.stimuli))
    write_about(folder, replace(about, captions_digest=captions_digest(captions)), rows)
    encode_images(replace(recording, captions=captions), folder, settings())
    with pytest.raises(InputError, match="captions changed after extraction"):
        encode_images(replace(recording, captions=captions[::-1]), folder, settings())


def test_the_command_writes_what_is_read_as_results(layers, rng, tmp_path):
    recording = make_recording(layers, rng)
    write_recording(tmp_path / "recording", recording)
    write_model(tmp_path / "net", layers, recording.stimuli)
    out = tmp_path / "net.parquet"
    words = ["scene", "--recording", tmp_path / "recording", "--activations", tmp_path / "net"]
    words += ["--out", out, "--params", PROJECT / "params.yaml"]
    words += ["--jackknife", tmp_path / "without.parquet"]
    words = [*map(str, words), "--groups", str(tmp_path / "alike.parquet")]
    made_from = of_recording(tmp_path / "recording")
    write_table(tmp_path / "alike.parquet", groups_of(recording, range(N)), made_from)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    table = read_results(out, "encode", "")
    assert set(table["kind"]) == {"hidden", "nested"}
    assert set(table["layer"]) == set(LAYERS)
    assert table["q_family"].iloc[0].startswith("regions × layers; subject=subj0")
    without = read_jackknife(tmp_path / "without.parquet", "")
    asked = settings().encode_scene.pieces
    assert len(without) == asked * (table["kind"] == "nested").sum()
    assert set(without["model"]) == {"net"}


def written(tmp_path, recording, layers, groups=None, **changes):
    folder = write_model(tmp_path / "net", layers, recording.stimuli)
    return encode_images(recording, folder, settings(**changes), groups)


@pytest.mark.parametrize("apart", [True, False])
def test_the_choice_is_told_without_each_piece_of_the_images(layers, rng, tmp_path, apart):
    """Pieces are of stimuli, the same for all people, and what they share adds up to the score."""
    recording = make_recording(layers, rng, apart=apart, signal=1.5)
    asked = {"least_ncsnr": 0.0, "pieces": 8}
    table, without = written(tmp_path, recording, layers, **asked)
    each, of_each = written(tmp_path, recording, layers, targets="voxel", **asked)
    place = ["subject", "region", "layer", "kind", "metric"]
    nested = table[table["kind"] == "nested"].set_index(place)["score"]
    wide = without.pivot_table("score", place, "piece").loc[nested.index]
    assert wide.shape == (len(nested), 8)
    shares = pseudo_values(nested, wide)
    assert np.abs(shares - nested.to_numpy()[:, None]).min(axis=1).max() < 0.2
    held = over_stimuli(shares[:, None])
    driven = nested.index.get_level_values("region").map(REGIONS).notna()
    assert (held.low[driven] > 0).all()
    means = of_each.groupby([*place, "piece"], sort=False)["score"].mean()
    assert_allclose(means, without.set_index([*place, "piece"])["score"].loc[means.index])
    assert of_each["target"].nunique() == each["target"].nunique()
    person = recording.subjects[0]
    fold = SHARED / (len(person.samples) - SHARED) if apart else 3 * 30 / 60
    assert_allclose(without.loc[without["subject"] == person.name, "fitted"], fold)


def test_people_lose_the_same_images(layers, rng, tmp_path):
    """The same responses to the same images, which another person saw in reverse."""
    recording = make_recording(layers, rng, signal=0.5)
    first = recording.subjects[0]
    back = first.samples[::-1].reset_index(drop=True)
    other = replace(first, name="back", responses=first.responses[::-1], samples=back)
    same = replace(recording, subjects=[first, other])
    _, without = written(tmp_path, same, layers, pieces=5)
    wide = without.pivot_table("score", "subject", ["region", "piece"])["V1"].to_numpy()
    assert np.corrcoef(wide)[0, 1] > 0.9  # inner folds are others


def test_images_that_are_alike_are_in_one_piece(layers, rng, tmp_path):
    recording = make_recording(layers, rng, apart=False)
    copies = groups_of(recording, np.arange(N) // 9)
    got = "encode_scene.pieces, subject one: expected 12 pieces of 90 images, got 10"
    with pytest.raises(InputError, match=got):
        written(tmp_path, recording, layers, copies, pieces=12)


def test_more_pieces_than_images_are_refused(layers, rng, tmp_path):
    recording = make_recording(layers, rng)
    with pytest.raises(InputError, match="encode_scene.pieces, subject subj0") as error:
        written(tmp_path, recording, layers, pieces=SHARED + 1)
    assert f"got {SHARED}" in str(error.value)
