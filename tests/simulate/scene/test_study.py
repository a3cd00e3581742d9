from types import SimpleNamespace

import numpy as np
import pytest

from stages.core.params.schema import SimulateScene
from stages.simulate.scene.cortical_areas import CORTEX, TINY, UNKNOWN, area_number, make_slab
from stages.simulate.scene.release import COCO_SIZE, make_design
from stages.simulate.scene.scenery import imagine
from stages.simulate.scene.study import (
    LOST_VOXELS,
    _measure,
    _show,
    drive,
    make_images,
    make_truth,
    make_viewers,
    n_sessions,
    plan,
)

PARAMS = SimulateScene(seed=5, subjects=2, shared=50, own=200, signal=1.0)


@pytest.fixture(scope="module")
def planned():
    return plan(PARAMS)


@pytest.fixture(scope="module")
def drivers(planned):
    rng, n_images = np.random.default_rng(0), len(planned[1])
    outputs = {f"blocks.{k}": rng.standard_normal((n_images, 40), np.float32) for k in range(7)}
    return drive(outputs, rng.standard_normal((7, n_images, 30), np.float32))


@pytest.fixture(scope="module")
def viewers(planned, drivers):
    people = list(make_viewers(*planned, drivers, PARAMS))
    return [(one, np.concatenate(list(one.sessions))) for one in people]


def test_sessions_hold_every_image_three_times():
    assert n_sessions(PARAMS) == 1
    assert n_sessions(PARAMS.model_copy(update={"own": 700})) == 3


def test_everybody_sees_the_shared_images_and_own_ones(planned):
    design, images = planned
    seen = [set(design.shown(number, [1]).tolist()) for number in (1, 2)]
    assert len(seen[0]) == len(seen[1]) == 250
    assert len(seen[0] & seen[1]) == 50
    assert sorted(seen[0] | seen[1]) == images.tolist()


def test_images_come_from_the_seed():
    one, again, other = make_images(3, 1), make_images(4, 1), make_images(3, 2)
    assert (one[2].pixels == again[2].pixels).all()
    assert one[2].captions == again[2].captions
    assert (one[2].pixels != other[2].pixels).any()
    assert len(one[0].captions) == 5


def test_objects_lie_in_the_middle_square_of_cocos_image():
    boxes = np.array([box for shown in make_images(100, 1) for _, box in shown.objects])
    side = COCO_SIZE[1]
    margin = (COCO_SIZE[0] - side) / 2
    assert boxes[:, 0].min() >= margin
    assert (boxes[:, 0] + boxes[:, 2]).max() <= margin + side + 0.02
    assert (boxes[:, 1] + boxes[:, 3]).max() <= side + 0.02
    assert np.ptp(boxes[:, 0]) > side / 2


def kernel(values):
    """Correlation of every two of the first rows."""
    return np.corrcoef(values[:250])[np.triu_indices(250, 1)]


def test_responses_follow_the_image_of_each_trial(planned, drivers, viewers):
    """The kernel of an area's trials is that of its own layer's rows, and of no other's."""
    design, images = planned
    for person, betas in viewers:
        rows = np.searchsorted(images, design.shown(person.number, [1]))
        driven = [area.name for area in CORTEX if area.driver]
        kernels = [kernel(drivers[name][rows]) for name in driven]
        for area in CORTEX:
            of_area = person.slab.numbers == area_number(area.name)
            found = kernel(betas[:, of_area] - betas[:, of_area].mean(axis=0))
            scores = np.corrcoef(found, kernels)[0, 1:]
            if area.driver is None:
                assert scores.max() < 0.05
            else:
                assert driven[scores.argmax()] == area.name


def test_one_person_has_an_area_too_small_to_analyse(viewers):
    tiny = area_number(TINY.name)
    counts = [(person.slab.numbers == tiny).sum() for person, _ in viewers]
    assert counts[0] == 0 < counts[1] < 10


def test_some_voxels_of_the_first_person_were_not_measured(viewers):
    lost = [(betas == 0).all(axis=0).sum() for _, betas in viewers]
    assert lost == [LOST_VOXELS, 0]


def test_the_ratio_of_signal_to_noise_is_high_where_something_drives(viewers):
    for person, _ in viewers:
        ratio = person.brain.ncsnr[tuple(person.slab.voxels.T)]
        for area in CORTEX:
            found = np.median(ratio[person.slab.numbers == area_number(area.name)])
            assert found == pytest.approx(0 if area.driver is None else 1, abs=0.1)


def test_the_truth_names_areas_from_back_to_front():
    truth = make_truth(PARAMS)
    assert truth["order"] == [area.name for area in CORTEX] == list(truth["regions"])
    assert truth["regions"]["V1"] == {
        "driver": "vision", "model": "timm:tf_efficientnet_lite0", "layer": "blocks.0",
    }  # fmt: skip
    assert truth["regions"]["45"] == {
        "driver": "language", "model": "st:all-MiniLM-L6-v2", "layer": "layer_06",
    }  # fmt: skip
    assert truth["regions"]["A1"] == {"driver": "nothing"}


def test_boxes_are_in_pixels_of_cocos_image():
    """The middle 480 of 640 pixels; boxes left, top, width and height, to a hundredth."""
    scene = imagine(np.random.default_rng(3))
    found = _show(scene, np.random.default_rng(4)).objects
    assert [name for name, _ in found] == [thing.category for thing in scene.things]
    for (_, box), thing in zip(found, scene.things, strict=True):
        left, top, right, bottom = (480 * one for one in thing.box)
        expected = [80 + left, top, right - left, bottom - top]
        assert box == [pytest.approx(one, abs=0.0051) for one in expected]
        assert box == [round(one, 2) for one in box]


def test_only_the_last_session_of_the_first_person_lost_voxels():
    numbers = np.array([UNKNOWN, 3, UNKNOWN, 4, 4])
    shown, settings = np.ones((1500, 5)), PARAMS.model_copy(update={"own": 450})
    slab = SimpleNamespace(numbers=numbers)
    for person in (1, 2):
        sessions = list(_measure(person, slab, shown, settings, np.random.default_rng(0)))
        lost = [np.flatnonzero((betas == 0).all(axis=0)).tolist() for betas in sessions]
        assert lost == [[], [1, 3] if person == 1 else []]
        assert [len(betas) for betas in sessions] == [750, 750]


def test_the_truth_says_what_it_was_made_from():
    truth = make_truth(PARAMS.model_copy(update={"own": 700}))
    assert (truth["seed"], truth["sessions"]) == (5, 3)


def test_streams_of_random_numbers_are_apart(planned, viewers):
    """Plans, scenes, people and units come from the seed and a number of their own."""
    design, _ = planned
    again = make_design(1, 50, 200, np.random.default_rng([5, 0]))
    assert (design.ordering == again.ordering).all()
    assert (design.images == again.images).all()
    rng = np.random.default_rng([5, 2]).spawn(2)[0]
    slab = make_slab(CORTEX, rng)
    assert (viewers[0][0].slab.voxels == slab.voxels).all()
    rng = np.random.default_rng([1, 1]).spawn(2)[1]
    scene = imagine(rng)
    assert make_images(2, 1)[1].objects == _show(scene, rng).objects
