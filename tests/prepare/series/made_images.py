"""Small images of runs, written by nibabel, and what is in them."""

import nibabel
import numpy as np

SHAPE = (5, 6, 4)
# 3 mm, x falling with i as in templates; and turned by 12 degrees about z.
LAS = np.array([[-3.0, 0, 0, 7], [0, 3, 0, -8], [0, 0, 3, -2], [0, 0, 0, 1]])
TURN = np.deg2rad(12)
OBLIQUE = (
    np.array(
        [
            [np.cos(TURN), -np.sin(TURN), 0, 4],
            [np.sin(TURN), np.cos(TURN), 0, -3],
            [0, 0, 1, 2],
            [0, 0, 0, 1],
        ]
    )
    @ LAS
)
MASK = np.zeros(SHAPE, dtype=np.uint8)
MASK[1:5, 1:5, 1:3] = 1


def write_run(path, values, affine=LAS, *, tr=2.0, unit="sec", scale=None):
    """Write x × y × z × t; with `scale` = (slope, inter), values are what the file holds, int16."""
    image = nibabel.Nifti1Image(values.astype(np.int16 if scale else np.float32), affine)
    image.header.set_xyzt_units("mm", unit)
    image.header["pixdim"][4] = tr
    if scale:
        image.header.set_slope_inter(*scale)
    nibabel.save(image, path)
    return path


def write_mask(path, mask=MASK, affine=LAS):
    nibabel.save(nibabel.Nifti1Image(mask, affine), path)
    return path


def write_surface(path, values, anatomy=None, step=None, whole=False):
    """Write vertices × samples: an array for each sample, or one array of all."""
    columns = [values] if whole else list(values.T)
    meta = {} if step is None else {"TimeStep": step}
    arrays = [
        nibabel.gifti.GiftiDataArray(
            np.ascontiguousarray(column, dtype=np.float32),
            intent="NIFTI_INTENT_TIME_SERIES",
            datatype="NIFTI_TYPE_FLOAT32",
            meta=nibabel.gifti.GiftiMetaData(meta),
        )
        for column in columns
    ]
    about = {} if anatomy is None else {"AnatomicalStructurePrimary": anatomy}
    nibabel.save(nibabel.GiftiImage(darrays=arrays, meta=nibabel.gifti.GiftiMetaData(about)), path)
    return path


def grayordinates(left=(0, 2, 3, 9), right=(1, 2, 8), n_vertices=10):
    """Vertices of two meshes, and voxels of the left putamen and the brain stem."""
    axis = nibabel.cifti2.BrainModelAxis
    putamen, stem = np.zeros(SHAPE, dtype=bool), np.zeros(SHAPE, dtype=bool)
    putamen[3, 2:4, 1] = True
    stem[2, 1, 0:3] = True
    return (
        axis.from_surface(np.array(left), n_vertices, "CortexLeft")
        + axis.from_surface(np.array(right), n_vertices, "CortexRight")
        + axis.from_mask(putamen, name="CIFTI_STRUCTURE_PUTAMEN_LEFT", affine=LAS)
        + axis.from_mask(stem, name="CIFTI_STRUCTURE_BRAIN_STEM", affine=LAS)
    )


def write_cifti(path, values, axis, step=2.0, unit="SECOND"):
    series = nibabel.cifti2.SeriesAxis(0, step, len(values), unit)
    nibabel.save(nibabel.Cifti2Image(values.astype(np.float32), (series, axis)), path)
    return path
