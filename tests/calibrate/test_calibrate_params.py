"""Parameters of the calibration that cannot be meant are refused."""

import pytest

from stages.core.params.read import read_params
from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from tests.conftest import PROJECT


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("draws", 200, r"such as 199 or 219, so that p can be .05, got 200"),
        ("draws", 20, r"such as 19 or 39"),
        ("targets", 3, r"calibrate\.targets: .*greater than or equal"),
        ("recordings", 0, r"calibrate\.recordings"),
        ("maps", 10, r"calibrate\.maps"),
    ],
)
def test_wrong_parameters(key, value, said, tmp_path):
    content = read_params(PROJECT / "params.yaml").model_dump(mode="json")
    content["calibrate"][key] = value
    write_json(tmp_path / "params.yaml", content)
    with pytest.raises(InputError, match=said):
        read_params(tmp_path / "params.yaml")
