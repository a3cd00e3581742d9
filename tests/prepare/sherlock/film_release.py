"""A small release in the format of Sherlock's: a sheet, a mask, regions and voxels."""

import zipfile
from xml.sax.saxutils import escape

import nibabel
import numpy as np
from scipy.io import savemat

from stages.core.names.story_regions import SHERLOCK_REGIONS
from stages.prepare.sherlock import film_recording, segments

SCANS, PEOPLE, TR = (30, 40), 3, 1.5
SHAPE, AFFINE = (4, 3, 2), np.array([[3.0, 0, 0, -4.5], [0, 3, 0, 0], [0, 0, 3, 0], [0, 0, 0, 1]])
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write_sheet(path, header, rows, texts=None):
    """Write an .xlsx file: numbers as such, texts through the table of texts, None as no cell."""
    known = list(texts or [])

    def cell(place, value):
        if value is None:
            return f'<c r="{place}" s="1"/>'
        if isinstance(value, str):
            if value not in known:
                known.append(value)
            return f'<c r="{place}" t="s"><v>{known.index(value)}</v></c>'
        return f'<c r="{place}"><v>{value}</v></c>'

    lines = [
        "".join(cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(row))
        for number, row in enumerate([header, *rows], start=1)
    ]
    sheet = "".join(f"<row>{line}</row>" for line in lines)
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in known)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{SPACE}"><sheetData>{sheet}</sheetData></worksheet>',
        )
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SPACE}">{items}</sst>')
    return path


def segment_rows():
    """Segments of two scans, of 2 or 3 s, the last of each scan after its scans."""
    rows = []
    for scan, n_scans in enumerate(SCANS):
        start = 0
        while start < TR * n_scans + 3:
            number, stop = len(rows) + 1, start + 2 + len(rows) % 2
            first = int(start / TR) + 1 + scan * SCANS[0]
            inside = start < TR * n_scans
            row = {
                segments.NUMBER: number,
                segments.START: start,
                segments.STOP: stop,
                segments.FIRST_TR: first if inside else None,
                segments.LAST_TR: first + 1 if inside else None,
                segments.TEXT: f" Sherlock walks\xa0{number} times. ",
                segments.SPEAKING: "John  " if number % 2 else None,
                segments.PRESENT: "Sherlock, John" if number % 2 else "Nobody",
                segments.CAMERA: "Medium , Top",
                segments.SPACE: "Outdoor" if number % 5 == 0 else "Indoor",
                segments.MUSIC: "Yes" if number % 4 == 0 else "No",
                segments.SCREEN: "Wrong!" if number == 7 else None,
            }
            row |= {name: 1 + (number + at) % 5 for at, name in enumerate(segments.AROUSAL)}
            row |= dict.fromkeys(segments.VALENCE, "+" if number % 2 else "-")
            rows.append(row)
            start = stop
    rows[0][segments.VALENCE[2]] = None
    rows[0][segments.VALENCE[3]] = "-"
    rows[3][segments.STOP] = rows[3][segments.START]
    return rows


def save_segments(path, rows):
    """Write segments, with blanks at the end of column names and a row of nothing at the end."""
    header = list(rows[0])
    content = [list(row.values()) for row in rows]
    return write_sheet(path, [f"{name} " for name in header], [*content, [None] * len(header)])


def release(folder, monkeypatch, rng, lacking=5):
    """Write a release of three people, of whom s2 lacks the last scans and s3 has voxels."""
    monkeypatch.setattr(film_recording, "SCANS", SCANS)
    monkeypatch.setattr(film_recording, "PEOPLE", tuple(f"s{n + 1}" for n in range(PEOPLE)))
    files, n_scans = {}, sum(SCANS)
    for region in SHERLOCK_REGIONS:
        courses = rng.standard_normal((n_scans, PEOPLE))
        if lacking:
            courses[-lacking:, 1] = courses[-lacking, 1]
        name = film_recording.COURSES.format(region)
        files[name] = folder / f"{region}.mat"
        savemat(files[name], {"roitc": courses, "roicorr": np.zeros((1, PEOPLE))})
    mask = np.zeros(SHAPE, np.float32)
    mask[1:, :, 0] = mask[0, 2, 1] = 1
    nibabel.save(nibabel.Nifti1Image(mask, AFFINE), folder / "pmc_nn.nii")
    files[film_recording.MASK] = folder / "pmc_nn.nii"
    data = rng.standard_normal((10, n_scans)).astype(np.float32)
    name = "sherlock2017/subjects/pmc_nn_sherlock_movie_s3.mat"
    files[name] = folder / "s3.mat"
    savemat(files[name], {"keptvox": np.ones((10, 1), np.uint8), "rdata": data})
    files[film_recording.SEGMENTS] = save_segments(folder / "segments.xlsx", segment_rows())
    return files, data
