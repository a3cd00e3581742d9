"""Paths that lead out of a folder, or nowhere."""

import pytest

from stages.core.run.errors import InputError
from stages.prepare.inner_paths import inside


def test_what_lies_inside_is_taken_and_what_leads_elsewhere_is_refused(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a").write_text("a")
    (folder / "link").symlink_to("a")
    (folder / "out").symlink_to(tmp_path)
    (folder / "loop").symlink_to("loop")
    assert inside(folder / "a", folder) == folder / "a"
    assert inside(folder / "link", folder) == folder / "link"
    with pytest.raises(InputError, match="leads out of the folder in .*raw.*got out"):
        inside(folder / "out", folder)
    with pytest.raises(InputError, match="link that leads nowhere in .*loop"):
        inside(folder / "loop", folder)
