"""Simulated files of MATLAB are like those of scipy, but for the time of writing."""

import io

import numpy as np
from scipy.io import loadmat, savemat

from stages.simulate.mat_files import write_mat

# MATLAB 5: of the header 116 bytes are text, then come an offset, the version and byte order.
TEXT, HEADER = 116, 128


def test_only_the_text_of_the_header_differs_from_what_scipy_writes(tmp_path):
    variables = {"data": np.arange(6.0).reshape(2, 3), "name": "a"}
    theirs = io.BytesIO()
    savemat(theirs, variables)
    write_mat(tmp_path / "one.mat", variables)
    ours = (tmp_path / "one.mat").read_bytes()
    said = "MATLAB 5.0 MAT-file, Platform: posix, simulated by Concord"
    assert ours[:TEXT].decode() == said.ljust(TEXT)
    assert ours[TEXT:HEADER] == theirs.getvalue()[TEXT:HEADER]
    assert ours[HEADER:] == theirs.getvalue()[HEADER:]
    assert loadmat(tmp_path / "one.mat")["data"].tolist() == variables["data"].tolist()
