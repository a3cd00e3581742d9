import json

import h5py
import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.nsd.stimuli import (
    Photographs,
    overlaps,
    read_captions,
    read_categories,
    read_stimulus_info,
)
from tests.prepare.nsd_release import SESSIONS, SHAPES, coco_id


@pytest.fixture
def folder(nsd):
    return nsd.root / "nsddata_stimuli" / "stimuli" / "nsd"


@pytest.fixture
def info_path(nsd):
    return nsd.root / "nsddata" / "experiments" / "nsd" / "nsd_stim_info_merged.csv"


@pytest.fixture
def images(nsd):
    return np.unique([nsd.design.shown(number, SESSIONS) for number in SHAPES])


@pytest.fixture
def shown(info_path, images):
    return read_stimulus_info(info_path).loc[images]


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("annotations",), {}, "captions_val2017.json, annotations: expected a list, got dict"),
        (("annotations", 0), 3, "annotations, entry 0, image_id: expected int, got None"),
        (("annotations", 1, "image_id"), "1", "entry 1, image_id: expected int, got '1'"),
        (("annotations", 1, "image_id"), True, "entry 1, image_id: expected int, got True"),
        (("annotations", 1, "caption"), ["a"], "entry 1, caption: expected str"),
    ],
)
def test_annotations_of_another_form_are_refused(tmp_path, place, value, said):
    path = tmp_path / "captions_val2017.json"
    shown = pd.DataFrame({"cocoId": [1], "cocoSplit": ["val2017"]}, index=[0])
    content = {"annotations": [{"image_id": 1, "caption": text} for text in ("a dog", "a cat")]}
    path.write_text(json.dumps(content))
    assert read_captions(tmp_path, shown)["text"].tolist() == ["a dog", "a cat"]
    inner = content
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=f"wrong annotations in .*{said}"):
        read_captions(tmp_path, shown)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"annotations": [ENTRY, ENTRY], "annotations": [ENTRY]}', "annotations"),
        ('{"annotations": [{"image_id": 1, "caption": "a dog", "image_id": 2}]}', "image_id"),
    ],
)
def test_annotations_that_say_one_thing_twice_are_refused(tmp_path, text, key):
    """Readers of JSON take the last; one that says the same twice is no matter."""
    path, entry = tmp_path / "captions_val2017.json", '{"image_id": 1, "caption": "a dog"}'
    shown = pd.DataFrame({"cocoId": [1], "cocoSplit": ["val2017"]}, index=[0])
    path.write_text('{"annotations": [ENTRY], "annotations": [ENTRY]}'.replace("ENTRY", entry))
    assert read_captions(tmp_path, shown)["text"].tolist() == ["a dog"]
    path.write_text(text.replace("ENTRY", entry))
    with pytest.raises(InputError, match=f"wrong annotations in .*two values of '{key}'"):
        read_captions(tmp_path, shown)


def test_the_table_of_images_is_by_number_from_0(info_path, nsd):
    info = read_stimulus_info(info_path)
    assert info.loc[72999, "cocoId"] == coco_id(72999)
    assert info.loc[5, ["top", "bottom", "left", "right"]].tolist() == [0, 0, 0.25, 0.25]
    assert set(np.flatnonzero(info["shared1000"])) == set(nsd.design.images[0, :1000])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="cropBox"), r"column missing .*\['cropBox'\]"),
        (lambda t: t.iloc[:-1], "wrong rows .*expected 73000 images"),
        (lambda t: t.assign(nsdId=t["nsdId"] + 1), "wrong rows .*nsdId from 0"),
        (lambda t: t.assign(cropBox="(a, b, c, d)"), "wrong cropBox"),
        (lambda t: t.assign(cropBox="(0, 0, 1.5, 0)"), "wrong cropBox .*fractions below 1"),
    ],
)
def test_a_wrong_table_of_images(info_path, change, message):
    change(pd.read_csv(info_path, index_col=0)).to_csv(info_path)
    with pytest.raises(InputError, match=message):
        read_stimulus_info(info_path)


def test_all_five_captions_of_every_image_in_order(folder, shown, images):
    captions = read_captions(folder / "annotations", shown)
    assert len(captions) == 5 * len(images)
    assert captions["number"].tolist() == [0, 1, 2, 3, 4] * len(images)
    third = captions.iloc[5 * 7 + 2]
    assert third.tolist() == [f"nsd{images[7]:05d}", 2, f"caption 2 of image {images[7]}"]


def test_objects_are_counted_in_the_crop(folder, shown, images):
    features = read_categories(folder / "annotations", shown)
    assert features.columns.tolist() == [
        "id", "category/person", "category/dog", "category/stop sign"
    ]  # fmt: skip
    assert features["id"].tolist() == [f"nsd{image:05d}" for image in images]
    assert (features["category/person"] == 0).all()
    assert (features["category/dog"] == 0).all()
    assert features["category/stop sign"].tolist() == (images % 3).tolist()


def test_without_a_crop_every_object_is_there(folder, shown, images):
    whole = shown.assign(left=0.0, right=0.0)
    features = read_categories(folder / "annotations", whole)
    assert (features["category/person"] == 1).all()
    assert (features["category/dog"] == 1).all()


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ((0, 0, 10, 10), False),
        ((0, 0, 11, 11), True),
        ((29, 19, 5, 5), True),
        ((30, 15, 5, 5), False),
        ((0, 0, 100, 100), True),
        ((15, 15, 0, 5), False),
    ],
)
def test_a_box_overlaps_if_some_of_it_is_inside(box, inside):
    assert overlaps(box, (10, 10, 30, 20)) == inside


def test_missing_and_damaged_annotations(folder, shown):
    captions = folder / "annotations" / "captions_val2017.json"
    captions.write_text(captions.read_text()[:-20])
    with pytest.raises(InputError, match=r"wrong annotations in .*captions_val2017\.json"):
        read_captions(folder / "annotations", shown)
    captions.unlink()
    with pytest.raises(InputError, match=r"file not found in .*captions_val2017.*README\.md"):
        read_captions(folder / "annotations", shown)


@pytest.mark.parametrize("left", [[], [{"caption": " \n"}]])
def test_an_image_without_a_caption(folder, shown, images, left):
    path = folder / "annotations" / f"captions_{shown['cocoSplit'].iloc[3]}.json"
    content, coco = json.loads(path.read_text()), coco_id(images[3])
    rest = [one for one in content["annotations"] if one["image_id"] != coco]
    content["annotations"] = rest + [{"image_id": int(coco), **one} for one in left]
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=f"no caption in .*nsd{images[3]:05d}, COCO image {coco}"):
        read_captions(folder / "annotations", shown)


@pytest.mark.parametrize(
    ("split", "part", "message"),
    [
        ("val2017", "categories", "other categories in .*val2017"),
        ("train2017", "categories", "unknown category in .*train2017.json: got 1"),
        ("val2017", "images", "image missing in .*instances_val2017"),
    ],
)
def test_annotations_that_lack_a_category_or_an_image(folder, shown, split, part, message):
    path = folder / "annotations" / f"instances_{split}.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({**whole, part: whole[part][1:]}))
    with pytest.raises(InputError, match=message):
        read_categories(folder / "annotations", shown)


@pytest.mark.parametrize("box", [[0, 0, float("nan"), 5], [1, 2, 3], "abcd", None, [0, 0, "5", 5]])
def test_a_box_that_is_none(folder, shown, box):
    coco, split = shown.iloc[0][["cocoId", "cocoSplit"]]
    path = folder / "annotations" / f"instances_{split}.json"
    whole = json.loads(path.read_text())
    one = whole["annotations"][0] | {"image_id": int(coco), "bbox": box}
    path.write_text(json.dumps(whole | {"annotations": [one]}))
    with pytest.raises(InputError, match=r"wrong box in .*instances.*: expected four numbers"):
        read_categories(folder / "annotations", shown)


def test_images_are_read_by_number_from_0(folder, images):
    some = [images[9], images[2], images[9]]
    with h5py.File(folder / "nsd_stimuli.hdf5") as file:
        expected = [file["imgBrick"][image] for image in some]
    pictures = Photographs(folder / "nsd_stimuli.hdf5", some)
    for _ in range(2):
        np.testing.assert_array_equal(list(pictures), expected)


@pytest.mark.parametrize("image", [-1, 73000])
def test_an_image_number_out_of_range(folder, image):
    with pytest.raises(
        InputError, match=f"image id out of range in .*expected 0 to 72999, got {image}"
    ):
        list(Photographs(folder / "nsd_stimuli.hdf5", [image]))


def test_truncated_images(folder, images):
    path = folder / "nsd_stimuli.hdf5"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"truncated or unreadable hdf5 in .*nsd_stimuli"):
        list(Photographs(path, images))


def test_an_image_that_does_not_decode(tmp_path):
    path = tmp_path / "images.hdf5"
    with h5py.File(path, "w") as file:
        bricks = file.create_dataset(
            "imgBrick", data=np.ones((3, 8, 8, 3), "u1"), chunks=(1, 8, 8, 3), compression="gzip"
        )
        place = bricks.id.get_chunk_info_by_coord((1, 0, 0, 0)).byte_offset
    data = bytearray(path.read_bytes())
    data[place : place + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"unreadable hdf5 in .*images\.hdf5, image 1"):
        list(Photographs(path, [0, 1]))


@pytest.mark.parametrize(
    ("shape", "got"), [((), "one"), ((3,), "3"), ((2, 8, 8), "2 × 8 × 8"), ((2, 8, 8, 4), "× 4")]
)
def test_images_of_another_shape(tmp_path, shape, got):
    with h5py.File(tmp_path / "images.hdf5", "w") as file:
        file["imgBrick"] = np.ones(shape, "u1")
    with pytest.raises(InputError, match=f"wrong images in .*imgBrick: .*width × 3, got .*{got}"):
        list(Photographs(tmp_path / "images.hdf5", [0, 1]))


def test_images_of_more_pixels_than_any_photograph(tmp_path):
    with h5py.File(tmp_path / "images.hdf5", "w") as file:
        file.create_dataset("imgBrick", (2, 8000, 8000, 3), "u1", chunks=(1, 80, 80, 3))
        file["filled"] = np.zeros(10**6, "u1")
    with pytest.raises(InputError, match="huge image .*at most 40000000 pixels, got 8000 × 8000"):
        list(Photographs(tmp_path / "images.hdf5", [0]))


def test_another_file_in_the_place_of_the_images(tmp_path):
    with h5py.File(tmp_path / "images.hdf5", "w") as file:
        file["images"] = np.zeros(3)
    with pytest.raises(InputError, match=r"dataset missing .*imgBrick, got \['images'\]"):
        list(Photographs(tmp_path / "images.hdf5", [0]))
