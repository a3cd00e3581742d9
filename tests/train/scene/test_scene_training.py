import numpy as np
import pandas as pd
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy

from stages.core.names.models import parse_model
from stages.core.names.run_name import RunName
from stages.core.nets.source import Source
from stages.core.nets.timm_models import timm_in
from stages.core.run.errors import InputError
from stages.core.run.files import read_json
from stages.train.processes import alone
from stages.train.scene.image_learner import data_config
from stages.train.scene.image_sources import categories, folder_images, open_labelled
from stages.train.scene.labelled_images import check_labels, shuffle_labels, split_rows
from stages.train.scene.pixel_views import plain_view, training_view, varied_batch
from stages.train.scene.recognition import evaluate_classes
from stages.train.scene.scene_run import make_image_learner, train_images
from stages.train.validation import validate_images, validate_words
from tests.train.tiny_runs import write_classes

RUN = RunName("labels", "", 0)


def test_folders_are_classes(pictures):
    images = folder_images(pictures)
    assert images.classes == ("blue", "green", "red")
    assert np.bincount(images.labels).tolist() == [12, 12, 12]
    for row in (0, 12, 35):
        means = np.asarray(images.read(row), float).mean(axis=(0, 1))
        assert ("red", "green", "blue")[int(means.argmax())] == images.classes[images.labels[row]]
    rows, held = split_rows(images, 0.25, 0)
    assert sorted([*rows, *held]) == list(range(36))
    assert np.bincount(images.labels[held]).tolist() == [3, 3, 3]


def test_folders_may_say_what_is_held_out(pictures, tmp_path):
    for part in ("train", "val"):
        (tmp_path / "divided").mkdir(exist_ok=True)
        (tmp_path / "divided" / part).symlink_to(pictures)
    images = folder_images(tmp_path / "divided")
    rows, held = split_rows(images, 0.25, 0)
    assert (len(rows), len(held)) == (36, 36)
    (tmp_path / "divided" / "val").unlink()
    (tmp_path / "divided" / "val").mkdir()
    for name in ("red", "gold"):
        (tmp_path / "divided" / "val" / name).symlink_to(pictures / "red")
    with pytest.raises(InputError, match=r"other classes.*expected those of train.*gold"):
        folder_images(tmp_path / "divided")


def test_bad_folders_are_refused(pictures, tmp_path):
    with pytest.raises(InputError, match="folder not found"):
        folder_images(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no images to tell apart in .*: got 0 classes"):
        folder_images(tmp_path / "empty")
    (pictures / "void").mkdir()
    with pytest.raises(InputError, match="got none in void"):
        folder_images(pictures)
    (pictures / "void" / "cut.png").write_bytes(b"cut")
    images = folder_images(pictures)
    with pytest.raises(InputError, match=r"unreadable image in .*cut\.png"):
        images.read(36)
    with pytest.raises(InputError, match="too few images in class void: expected 2, got 1"):
        split_rows(images, 0.25, 0)
    with (
        pytest.raises(InputError, match="either --recording or --images"),
        open_labelled(pictures, pictures),
    ):
        pass


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ((1, 1), "image too small in .*0.png: expected at least 8 pixels, got 1 × 1"),
        ((40, 1), "image too small in .*0.png: expected at least 8 pixels, got 40 × 1"),
        ((40, 40), r"blank image in .*0.png: got colour \[9, 90, 200\] throughout"),
    ],
)
def test_images_that_show_nothing_are_refused(tmp_path, rng, size, told):
    file = write_classes(tmp_path, rng) / "blue" / "0.png"
    Image.new("RGB", size, (9, 90, 200)).save(file)
    with pytest.raises(InputError, match=told):
        folder_images(tmp_path).read(0)


def test_images_are_turned_as_their_camera_says_and_grey_where_nothing_is(tmp_path, rng):
    file = write_classes(tmp_path, rng) / "blue" / "0.png"
    plain = np.asarray(folder_images(tmp_path).read(0))
    exif = Image.Exif()
    exif[0x0112] = 6
    covered = np.full((40, 40, 1), 255, np.uint8)
    covered[:9] = 0
    stored = np.concatenate([plain, covered], axis=2)
    Image.fromarray(np.rot90(stored)).save(file, exif=exif)
    found = np.asarray(folder_images(tmp_path).read(0))
    np.testing.assert_array_equal(found[9:], plain[9:])
    assert (found[:9] == 128).all()


def test_the_class_is_the_commonest_thing_and_of_equals_the_rarest():
    counts = pd.DataFrame(
        {
            "id": list("abcde"),
            "category/person": [1, 1, 2, 1, 0],
            "category/boat": [0, 1, 1, 0, 0],
            "category/kite": [0] * 5,
            "category/dog": [0, 0, 0, 1, 0],
        }
    )
    classes, labels = categories(counts, "here")
    assert classes == ("person", "boat", "dog")
    assert labels.tolist() == [0, 1, 0, 2, -1]
    with pytest.raises(InputError, match="no categories in here"):
        categories(counts[["id"]], "here")


def test_labels_out_of_range_are_refused():
    check_labels(np.array([0, 2]), 3, "here")
    for wrong in (3, -1):
        with pytest.raises(InputError, match=f"out of range in here: expected 0 to 2, got {wrong}"):
            check_labels(np.array([0, wrong]), 3, "here")


def test_shuffling_keeps_the_numbers_of_labels_and_what_is_held_out(pictures):
    images = folder_images(pictures)
    rows, held = split_rows(images, 0.25, 0)
    shuffled = shuffle_labels(images.labels, rows, 1)
    assert np.bincount(shuffled[rows]).tolist() == [9, 9, 9]
    assert (shuffled[held] == images.labels[held]).all()
    assert 0.1 < (shuffled[rows] == images.labels[rows]).mean() < 0.6


def test_how_an_image_varies_depends_on_nothing_but_seed_epoch_and_row(pictures, seeing):
    images, settings = folder_images(pictures), seeing()
    view = training_view(settings, {"mean": (0.5,) * 3, "std": (0.5,) * 3})
    batch = varied_batch(images, np.array([0, 5, 9]), view, 0, 2)
    other = varied_batch(images, np.array([9, 0]), view, 0, 2)
    assert torch.equal(batch[0], other[1])
    assert torch.equal(batch[2], other[0])
    assert not torch.equal(batch, varied_batch(images, np.array([0, 5, 9]), view, 0, 3))
    assert not torch.equal(batch, varied_batch(images, np.array([0, 5, 9]), view, 1, 2))


def test_measures_equal_a_naive_loop(pictures, seeing):
    images, settings = folder_images(pictures), seeing()
    learner, _ = make_image_learner(images, RUN, settings, alone())
    network = learner._network.eval()
    view, rows = plain_view(data_config(network, settings)), np.array([1, 14, 30, 8, 22])
    found = evaluate_classes(network, images, rows, view, batch=2, device=torch.device("cpu"))
    losses, right = [], []
    for row in rows:
        with torch.no_grad():
            logits = network(view(images.read(row))[None])[0].double()
        losses.append(float(cross_entropy(logits, torch.tensor(images.labels[row]))))
        right.append(int(logits.argmax()) == images.labels[row])
    assert found["heldout_loss"] == pytest.approx(np.mean(losses), abs=1e-5)
    assert found["top1"] == np.mean(right)
    assert found["top5"] == 1.0  # of three classes


@pytest.mark.usefixtures("two_threads")
def test_what_is_written_opens_as_a_model(pictures, seeing, tmp_path):
    images, settings = folder_images(pictures), seeing(keep_epochs=[2])
    train_images(images, RUN, settings, tmp_path / "run", tmp_path / "run.csv")
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"step0", "step1", "step4", "step6", "step9"}
    curve = pd.read_csv(tmp_path / "run.csv")
    assert list(curve["weights"]) == ["raw", "ema"] * 5
    assert list(curve["seen"][::2]) == [0, 8, 32, 48, 72]
    for weights in ("raw", "ema"):
        folder = tmp_path / "run" / "step9" / weights
        parse_model(f"file:{folder}", {})
        network = timm_in(Source(folder, ""), None).load()
        assert network(torch.zeros(1, 3, 32, 32)).shape == (1, network.num_features)
        again = validate_images(folder, images, settings, whole=False)
        assert again == pytest.approx(read_json(folder / "evaluation.json", ""), abs=1e-6)
    first = {w: load_file(tmp_path / "run/step1" / w / "model.safetensors") for w in ("raw", "ema")}
    last = {w: load_file(tmp_path / "run/step9" / w / "model.safetensors") for w in ("raw", "ema")}
    assert all(torch.equal(first["raw"][name], first["ema"][name]) for name in first["raw"])
    assert any(not torch.equal(last["raw"][name], last["ema"][name]) for name in last["raw"])


def test_calibrated_weights_differ_by_the_statistics_of_training_images_only(
    pictures, seeing, tmp_path
):
    """They stand beside the others, whose training they leave as it is."""
    images, settings = folder_images(pictures), seeing(keep=[0, 4], calibration=20)
    train_images(images, RUN, settings, tmp_path / "run", tmp_path / "run.csv")
    train_images(images, RUN, seeing(keep=[0, 4]), tmp_path / "plain", tmp_path / "plain.csv")

    def read(run, step, weights):
        return load_file(tmp_path / run / f"step{step}" / weights / "model.safetensors")

    rows, _ = split_rows(images, settings.held_out, settings.split_seed)
    order = np.random.default_rng([0, 0]).permutation(rows)
    network = timm.create_model("test_efficientnet", num_classes=3)
    scale = {name: network.pretrained_cfg[name] for name in ("mean", "std")}
    view = training_view(settings, scale)
    first = [varied_batch(images, order[k : k + 8], view, 0, 0) for k in (0, 8)]
    for step in (0, 4):
        raw, found = read("run", step, "raw"), read("run", step, "calibrated")
        for weights in ("raw", "ema"):
            kept = read("plain", step, weights)
            assert all(torch.equal(kept[k], one) for k, one in read("run", step, weights).items())
        differ = {name for name, one in raw.items() if not torch.equal(found[name], one)}
        assert {name.rpartition(".")[2] for name in differ} <= {
            "running_mean", "running_var", "num_batches_tracked",
        }  # fmt: skip
        network.load_state_dict(raw)
        with torch.no_grad():
            mean = sum(network.conv_stem(batch).mean((0, 2, 3)) for batch in first) / 2
        torch.testing.assert_close(found["bn1.running_mean"], mean)
        assert not torch.allclose(raw["bn1.running_mean"], mean, rtol=0.1)
        average, fitted = read("run", step, "ema"), read("run", step, "ema_calibrated")
        moved = {name for name, one in average.items() if not torch.equal(fitted[name], one)}
        assert moved == differ, "of the average, too, nothing but the statistics"
        network.load_state_dict(average)
        with torch.no_grad():
            mean = sum(network.conv_stem(batch).mean((0, 2, 3)) for batch in first) / 2
        torch.testing.assert_close(fitted["bn1.running_mean"], mean)
    assert not torch.equal(found["bn1.running_mean"], fitted["bn1.running_mean"])
    curve = pd.read_csv(tmp_path / "run.csv").set_index(["step", "weights"])["heldout_loss"]
    assert curve[0, "calibrated"] != curve[0, "raw"]


def test_fewer_images_than_a_batch_calibrate_nothing(seeing):
    with pytest.raises(ValueError, match=r"calibration expected to be 0, or at least batch \(8\)"):
        seeing(calibration=7)


def test_classes_are_learnt_and_dealt_labels_are_not(pictures, seeing, tmp_path):
    """The planted truth, and its control."""
    settings = seeing(
        epochs=12, batch=9, keep=[0], drop=0.0, drop_path=0.0, augment__policy="",
        augment__erase=0.0, augment__scale=[0.5, 1.0], optimiser__name="adamw",
        optimiser__lr=0.003, optimiser__eps=1e-8, schedule__warmup_epochs=0,
        schedule__name="constant", ema={"decay": 0.8, "warmup": False},
    )  # fmt: skip
    images = folder_images(pictures)
    last = {}
    for kind in ("labels", "shuffled"):
        run = RunName(kind, "", 0)
        rows = train_images(images, run, settings, tmp_path / kind, tmp_path / "c.csv")
        last[kind] = {row["weights"]: row for row in rows[-2:]}
        first = rows[0]
    for weights in ("raw", "ema"):
        assert last["labels"][weights]["top1"] > max(first["top1"], 0.8)
        assert last["labels"][weights]["heldout_loss"] < first["heldout_loss"] - 0.2
    assert last["shuffled"]["ema"]["heldout_loss"] > last["labels"]["ema"]["heldout_loss"] + 0.3


def test_runs_that_cannot_be_are_refused(pictures, seeing, tmp_path):
    images = folder_images(pictures)
    with pytest.raises(InputError, match=r"keep: expected at most 9, 3 epochs of 3 updates, got 5"):
        train_images(images, RUN, seeing(keep=[0, 50]), tmp_path / "run", tmp_path / "c.csv")
    with pytest.raises(InputError, match=r"than a batch in .*: expected at most 27, got 64"):
        train_images(images, RUN, seeing(batch=64), tmp_path / "run", tmp_path / "c.csv")


def test_checkpoints_of_other_kinds_are_refused(pictures, seeing, words, text, tmp_path):
    images, settings = folder_images(pictures), seeing(epochs=1, keep=[0])
    train_images(images, RUN, settings, tmp_path / "run", tmp_path / "run.csv")
    folder = tmp_path / "run" / "step3" / "raw"
    with pytest.raises(InputError, match=r"another architecture.*language.*got test_efficientnet"):
        validate_words(folder, text, words(), whole=False)
    Image.new("RGB", (40, 40)).save(tmp_path / "one.png")
    (pictures / "aqua").mkdir()
    for k in range(2):
        (pictures / "aqua" / f"{k}.png").symlink_to(tmp_path / "one.png")
    with pytest.raises(InputError, match=r"label out of range.*expected 0 to 2, got 3"):
        validate_images(folder, folder_images(pictures), settings, whole=True)
    (pictures / "red").rename(tmp_path / "red")
    with pytest.raises(InputError, match=r"other classes.*green, red, got aqua, blue, green$"):
        validate_images(folder, folder_images(pictures), settings, whole=True)
    (folder / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="unreadable checkpoint"):
        validate_images(folder, images, settings, whole=True)
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match="file not found"):
        validate_images(folder, images, settings, whole=True)


def test_the_default_model_is_timms(seeing):
    assert timm.is_model("mixnet_s")
