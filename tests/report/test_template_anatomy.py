"""The anatomy behind weights lies where the template has it, by coordinates."""

import json
import re
import shutil

import nibabel
import numpy as np
import pytest
from nilearn.datasets import load_mni152_template
from scipy.ndimage import map_coordinates

from stages.core.results.results import results_table
from stages.core.run.errors import InputError
from stages.core.run.seals import sealed
from stages.core.run.tables import write_table
from stages.decode.weight_maps import write_maps
from stages.report.page_file import json_in_html
from stages.report.template_anatomy import LEVELS, MILLIMETRES, SOURCE, anatomy_of
from tests.changed_params import write_params
from tests.conftest import PROJECT
from tests.report.made_results import write_story
from tests.report.unpacked import array_of, content_of

FEATURE = "Verbs/run"
# To the left, front and top, as SPM has it; a cube of voxels about a place to the left and below.
AFFINE = np.array([[-3.0, 0, 0, 81], [0, 2, 0, -115], [0, 0, 4, -53], [0, 0, 0, 1]])
CENTRE, REACH = np.array([41, 70, 11]), 2
PLANTED = (AFFINE @ [*CENTRE, 1])[:3]
# Of each slice: the axes to the right and up.
AXES = {"sagittal": (1, 2), "coronal": (0, 2), "axial": (0, 1)}
PROBE = """<script>setTimeout(() => {
  const seen = ["sagittal", "coronal", "axial"].map((name) => {
    const canvas = document.getElementById(`slice-${name}`);
    const { width, height } = canvas;
    const shown = canvas.getContext("2d").getImageData(0, 0, width, height);
    return [name, { width, height, data: [...shown.data] }];
  });
  const textContent = JSON.stringify(Object.fromEntries(seen));
  document.body.append(Object.assign(document.createElement("pre"), { id: "seen", textContent }));
}, 4000)</script>"""


@pytest.fixture(scope="module")
def light():
    """Light of the template at places in mm, shape (3, ...), in voxels of 1 mm."""
    image = load_mni152_template(resolution=1)
    back, volume = np.linalg.inv(image.affine), image.get_fdata()

    def at(mm):
        moved = np.tensordot(back[:3, :3], mm, 1) + back[:3, 3].reshape(3, *[1] * (mm.ndim - 1))
        return map_coordinates(volume, moved, order=1)

    return at


@pytest.fixture
def prepared(tmp_path):
    """Write the description of a recording of a space."""

    def write(space):
        about = dict.fromkeys(("dataset", "kind", "tr", "cleaning", "stimuli_digest", "sources"))
        about |= {"subjects": {}, "files": {}, "space": space}
        (tmp_path / "recording.json").write_text(json.dumps(sealed(about)))
        return tmp_path

    return write


def test_every_level_is_the_light_of_the_template(tmp_path, light):
    made = anatomy_of("simulated", tmp_path)
    levels = array_of(made["levels"], np.uint8).reshape(made["shape"])
    affine = np.array(made["affine"])
    voxels = np.moveaxis(np.indices(levels.shape), 0, -1)
    mm = np.moveaxis(voxels @ affine[:, :3].T + affine[:, 3], -1, 0)
    whole = light(mm)
    assert np.abs(levels / LEVELS - whole / whole.max()).mean() < 0.5 / LEVELS
    assert levels.max() == LEVELS
    # All of the brain is there, and nothing but it.
    assert levels.astype(bool).sum() * MILLIMETRES**3 == pytest.approx(1_886_574, rel=0.05)
    for axis in range(3):
        others = tuple(one for one in range(3) if one != axis)
        ends = levels.any(axis=others)
        assert ends[0]
        assert ends[-1]


def test_the_anatomy_is_small_and_always_the_same(tmp_path):
    made = anatomy_of("wehbe", tmp_path)
    assert len(json_in_html(made)) < 60_000
    assert made == anatomy_of("wehbe", tmp_path)


@pytest.mark.parametrize(
    ("space", "there"),
    [
        ("MNI152NLin2009cAsym", True),
        ("MNI152NLin6Asym", True),
        ("MNIColin27", False),
        ("T1w", False),
        ("OASIS30ANTs", False),
        ("", False),
    ],
)
def test_anatomy_is_behind_recordings_of_its_space_alone(prepared, space, there):
    made = anatomy_of("bids", prepared(space))
    assert ("levels" in made) == there
    assert (space or "own space") in made["reference"]


def test_a_description_that_was_edited_is_refused(prepared):
    path = prepared("T1w") / "recording.json"
    path.write_text(path.read_text().replace("T1w", "MNI152"))
    with pytest.raises(InputError, match=r"recording\.json"):
        anatomy_of("bids", path.parent)


def write_planted(results):
    """Write decoders of one person, whose weights are 1 in a cube about a place."""
    row = {"dataset": "toy", "subject": "s0", "region": "A", "target": FEATURE, "kind": "frem"}
    row |= {"family": "discourse", "metric": "r", "score": 0.5, "q": 0.01}
    write_table(results / "decode.parquet", results_table([row]))
    volume = np.zeros((53, 95, 40, 1), np.float32)
    volume[tuple(slice(at - REACH, at + REACH + 1) for at in CENTRE)] = 1
    image = nibabel.Nifti1Image(volume, AFFINE)
    write_maps(results / "decode_maps", "s0", image, [FEATURE])


def seen_in(browse, page, folder):
    """Pixels of the three slices through the middle of the cube, as the browser drew them."""
    copy = folder / "probed.html"
    open_to_probe = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    copy.write_text(open_to_probe.replace("</body>", f"{PROBE}</body>"))
    state = f"view=story&voxel={REACH},{REACH},{REACH}"
    body, console, _ = browse(copy, state)
    assert not console
    told = json.loads(re.search(r'<pre id="seen">(.*?)</pre>', body)[1])
    return {
        name: np.reshape(one["data"], (one["height"], one["width"], 4)).astype(float)
        for name, one in told.items()
    }


@pytest.mark.slow
def test_a_planted_voxel_is_drawn_over_its_place_in_the_template(
    report, browse, tmp_path, rng, light
):
    write_story(tmp_path / "results", rng)
    write_planted(tmp_path / "results")
    answer, page = report(tmp_path / "results")
    assert answer.exit_code == 0, answer.output
    for name, pixels in seen_in(browse, page, tmp_path).items():
        red = pixels[..., 0] > 2 * pixels[..., 1] + 20
        rows, columns = np.nonzero(red)
        across, up = AXES[name]
        sizes = np.abs(np.diag(AFFINE))[[across, up]] * (2 * REACH + 1)
        spans = np.array([columns.max() - columns.min(), rows.max() - rows.min()]) + 1
        scale = spans / sizes  # pixels of a millimetre
        assert scale[0] == pytest.approx(scale[1], rel=0.05)
        cube = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1, 0]
        for axis, middle in enumerate(spans / 2):  # the cross is where the page says it is
            assert cube.mean(axis).argmin() == pytest.approx(middle, abs=0.1 * spans[axis])
        y, x = np.indices(red.shape)[:, ::2, ::2]
        mm = np.broadcast_to(PLANTED[:, None, None], (3, *x.shape)).copy()
        mm[across] += (x - columns.mean()) / scale[0]
        mm[up] -= (y - rows.mean()) / scale[1]
        drawn = np.where(pixels[..., 3] > 0, pixels[..., 0], 0)[::2, ::2]
        grey = ~red[::2, ::2]
        fits = {}
        for moved in np.ndindex(9, 9):
            shifted = mm.copy()
            shifted[[across, up]] += (np.array(moved) - 4)[:, None, None]
            fits[moved] = np.corrcoef(light(shifted)[grey], drawn[grey])[0, 1]
        best = max(fits, key=fits.get)
        assert np.abs(np.array(best) - 4).max() <= 1, (name, best, fits[best])
        assert fits[best] > 0.9


@pytest.mark.slow
def test_the_page_names_the_source_of_the_anatomy_and_says_where_there_is_none(
    report, browse, tmp_path, rng
):
    write_story(tmp_path / "results", rng)
    content = content_of(report(tmp_path / "results")[1])
    assert SOURCE in content["sources"]
    assert "@article{fonov2011," in content["bibtex"]
    page = tmp_path / "report" / "index.html"
    body, console, _ = browse(page, "view=provenance")
    assert not console
    assert "Copyright (C) 1993-2004 Louis Collins" in body

    shutil.copy(PROJECT / "params.yaml", tmp_path)
    write_params(tmp_path / "params.yaml", {"story.dataset": "table"})
    answer, made = report(tmp_path / "results", "--params", str(tmp_path / "params.yaml"))
    assert answer.exit_code == 0, answer.output
    assert SOURCE not in content_of(made)["sources"]
    assert "fonov2011" not in made
    body, console, _ = browse(page, "view=story")
    assert not console
    assert "No anatomy stands behind them, since none is known of their space" in body
