"""A small laboratory's BIDS dataset and its fMRIPrep derivative, written with nibabel alone.

Three people heard three stories in two sessions. Nearly everything that differs between real
datasets differs here: see `make_lab`. A region answers to each family of words: `Left_A` to words
of the letters `a` to `m`, by the haemodynamic response, and no other region to anything.
"""

import json

import nibabel as nib
import numpy as np
import pandas as pd

from stages.core.time.downsample import glover_weights

TR, START, N_VOLUMES = 2.0, 0.95, 80
SHAPE = (9, 11, 7)
SPACE = "MNI152NLin2009cAsym"
# To the left is negative, voxel 0 being the leftmost one.
AFFINE = np.array([[4.0, 0, 0, -16], [0, 4, 0, -20], [0, 0, 4, -12], [0, 0, 0, 1]])
ODD = [
    '"',
    "null",
    "NA",
    "None",
    "nan",
    "True",
    "3",
    "n/a",
    "\u4e2d\u56fd",
    "na\u00efve",
    "l'\u00e9l\u00e9phant",
]
# Half of them begin with a to m, long and short ones, so that neither length nor use says which.
WORDS = [
    "apple",
    "bird",
    "chair",
    "door",
    "eagle",
    "flower",
    "garden",
    "house",
    "island",
    "jacket",
    "kitchen",
    "lemon",
    "market",
    "nature",
    "ocean",
    "paper",
    "queen",
    "river",
    "silver",
    "table",
    "uncle",
    "voice",
    "water",
    "yellow",
    "nation",
    "orange",
]
PEOPLE = ("01", "02", "03")
# What each person heard, by session and run: sub-02 met c first, and lacks b.
ORDER = {
    "01": [("01", 1, "a"), ("01", 2, "b"), ("02", 10, "c")],
    "02": [("01", 1, "c"), ("02", 10, "a")],
    "03": [("01", 1, "a"), ("01", 2, "b"), ("02", 10, "c")],
}
REGIONS = {1: "Left_A", 2: "Right_A", 3: "Left_B", 4: "Right_B", 5: "Nowhere_L"}


def story(name, seed=0):
    """Words of a story, about two a second, in an order of their own; each recurs."""
    rng = np.random.default_rng([seed, ord(name)])
    onsets = np.cumsum(rng.choice([0.3, 0.5, 0.6, 0.9], 280)).round(2)
    texts = [str(word) for word in rng.choice(WORDS, len(onsets))]
    if name == "a":
        texts[10 : 10 + len(ODD)] = ODD
        onsets[8] = onsets[7]
    words = pd.DataFrame({"onset": onsets, "duration": 0.25, "text": texts})
    return words[words["onset"] < (N_VOLUMES - 1) * TR - 0.5].reset_index(drop=True)


def drive(words, start=START):
    """What words of the letters a to m make of a region, standardised, shape (N_VOLUMES,)."""
    samples = pd.DataFrame({"run": "1", "onset": TR * np.arange(N_VOLUMES) + start})
    rows = pd.DataFrame({"run": "1", "offset": words["onset"] + words["duration"]})
    value = words["text"].str[0].between("a", "m").to_numpy(float)
    course = glover_weights(samples, rows) @ (value - value.mean())
    return (course - course.mean()) / course.std()


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def atlas_labels():
    """Which voxel is in which region: blocks of both hemispheres."""
    labels = np.zeros(SHAPE, dtype=np.int16)
    labels[1:4, 2:5, 2:5], labels[5:8, 2:5, 2:5] = 1, 2
    labels[1:4, 6:9, 2:5], labels[5:8, 6:9, 2:5] = 3, 4
    return labels


def write_atlas(folder, space=SPACE):
    """Write an atlas of 1 mm from right to left, with a label that has no name."""
    fine = np.repeat(np.repeat(np.repeat(atlas_labels(), 4, 0), 4, 1), 4, 2)
    fine[0, 0, 0] = 97
    flipped = np.array([[-1.0, 0, 0, 17.5], [0, 1, 0, -21.5], [0, 0, 1, -13.5], [0, 0, 0, 1]])
    folder.mkdir(parents=True)
    name = f"tpl-{space}_atlas-Lab_res-1_dseg"
    nib.save(nib.Nifti1Image(fine[::-1].copy(), flipped), folder / f"{name}.nii.gz")
    lines = ["index\tname", *(f"{key}\t{name}" for key, name in REGIONS.items())]
    (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n")


def events_text(words, name, subject):
    """Write a table of events: a row of fixation, missing durations, and what people's hands do."""
    rows = [("0", "0.1", "fixation", "n/a")]
    rows += [
        (f"{row.onset:.2f}", "n/a" if at == 4 else f"{row.duration:g}", "word", row.text)
        for at, row in enumerate(words.itertuples())
    ]
    if (subject, name) == ("01", "c"):
        rows.append(("163.5", "0.2", "word", "afterwards"))
    text = "\n".join("\t".join(row) for row in [("onset", "duration", "trial_type", "word"), *rows])
    if (subject, name) == ("02", "c"):
        return "\ufeff" + text.replace("\n", "\r\n") + "\r\n"
    return text + "\n"


def confound_table(rng, n_volumes, dummies):
    """Columns of fMRIPrep: six of movement, what follows from them, marks of volumes, cosines."""
    motion = np.cumsum(rng.normal(0, 0.02, (n_volumes, 6)), axis=0)
    names = [f"{kind}_{axis}" for kind in ("trans", "rot") for axis in "xyz"]
    columns = {}
    for name, values in zip(names, motion.T, strict=True):
        change = np.append(np.nan, np.diff(values))
        columns |= {
            name: values,
            f"{name}_derivative1": change,
            f"{name}_power2": values**2,
            f"{name}_derivative1_power2": change**2,
        }
    for number in range(8):
        columns[f"a_comp_cor_{number:02d}"] = rng.normal(size=n_volumes)
    columns["cosine00"] = np.cos(np.linspace(0, np.pi, n_volumes))
    columns["motion_outlier00"] = (np.arange(n_volumes) == 20).astype(float)
    for number in range(dummies):
        columns[f"non_steady_state_outlier{number:02d}"] = (np.arange(n_volumes) == number).astype(
            float
        )
    return pd.DataFrame(columns)


def write_run(root, subject, place, name, seed=0):
    """Write a run: raw image, events, series, mask and confounds."""
    session, run = place
    rng = np.random.default_rng([seed, int(subject), run])
    stem = f"sub-{subject}_ses-{session}_task-story_run-{run}"
    raw = root / f"sub-{subject}" / f"ses-{session}" / "func"
    derived = root / "derivatives/fmriprep" / raw.relative_to(root)
    for folder in (raw, derived):
        folder.mkdir(parents=True, exist_ok=True)
    words = story(name, seed)
    n_volumes = N_VOLUMES - ((subject, run) == ("03", 2))
    (raw / f"{stem}_events.tsv").write_bytes(events_text(words, name, subject).encode())
    dummies = {("01", 1): 1, ("02", 10): 2}.get((subject, run), 0)
    table = confound_table(rng, n_volumes, dummies)
    values = rng.normal(size=(*SHAPE, n_volumes))
    values[atlas_labels() == 1] += 1.5 * drive(words)[:n_volumes]
    values[..., :dummies] += 30
    values += 4 * table["trans_x"].to_numpy() / table["trans_x"].std()
    values[4, 5, 3] = 0
    series = derived / f"{stem}_space-{SPACE}_desc-preproc_bold"
    write_image(series, 1000 + 10 * values, integer=(subject, run) == ("01", 2))
    nib.save(
        nib.Nifti1Image(np.zeros((2, 2, 2, n_volumes), dtype=np.int16), np.eye(4)),
        raw / f"{stem}_bold.nii.gz",
    )
    about = {"RepetitionTime": TR, "TaskName": "story"}
    uncorrected = (subject, run) == ("03", 10)
    about |= {"SliceTimingCorrected": False} if uncorrected else {"StartTime": START}
    write_json(derived / f"{stem}_space-{SPACE}_desc-preproc_bold.json", about)
    mask = np.zeros(SHAPE, dtype=np.uint8)
    mask[1:8, 1:10, 1:6] = 1
    nib.save(
        nib.Nifti1Image(mask, AFFINE),
        derived / f"{stem}_space-{SPACE}_desc-brain_mask.nii.gz",
    )
    write_json(derived / f"{stem}_space-{SPACE}_desc-brain_mask.json", {"Type": "Brain"})
    confounds = derived / f"{stem}_desc-confounds_timeseries"
    table.to_csv(f"{confounds}.tsv", sep="\t", index=False, na_rep="n/a")
    masks = {f"a_comp_cor_{at:02d}": {"Mask": "combined" if at > 1 else "CSF"} for at in range(8)}
    write_json(derived / f"{confounds.name}.json", masks | {"trans_x": {}})


def write_image(path, values, integer=False, tr=TR):
    """Write a series, as floats or as integers with slope .05 and intercept 900."""
    if integer:
        image = nib.Nifti1Image(np.round((values - 900) / 0.05).astype(np.int16), AFFINE)
        image.header.set_slope_inter(0.05, 900)
    else:
        image = nib.Nifti1Image(values.astype(np.float32), AFFINE)
    image.header.set_xyzt_units("mm", "sec")
    image.header["pixdim"][4] = tr
    nib.save(image, f"{path}.nii.gz")


def make_lab(root, seed=0):
    """Write the dataset.

    Two sessions and a run 10; a person who lacks a run and met the others in another order; a run
    a volume short; integers with a slope; a table with a byte-order mark and CR LF; words that are
    quotation marks, `null` and `n/a`; words of one onset, one without a duration, one after the
    scan; a row of fixation; one or two dummies; slices referred to .95 s, in one run not at all;
    movement in all voxels; a constant voxel in the mask; an atlas of 1 mm from right to left, with
    a label
    without a name and a name without a voxel.
    """
    write_json(root / "dataset_description.json", {"Name": "lab", "BIDSVersion": "1.10.0"})
    write_json(
        root / "derivatives/fmriprep/dataset_description.json",
        {
            "Name": "fMRIPrep",
            "BIDSVersion": "1.4.0",
            "DatasetType": "derivative",
            "GeneratedBy": [{"Name": "fMRIPrep", "Version": "23.1.3"}],
        },
    )
    write_json(root / "task-story_bold.json", {"RepetitionTime": TR, "TaskName": "story"})
    for subject in PEOPLE:
        for session, run, name in ORDER[subject]:
            write_run(root, subject, (session, run), name, seed)
    write_atlas(root / "derivatives/atlases")
    return root
