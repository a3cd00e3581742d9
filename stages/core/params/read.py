"""Reading params.yaml, with a message for every fault."""

from pathlib import Path

from pydantic import ValidationError

from stages.core.params.faults import explain_all
from stages.core.params.schema import Params
from stages.core.params.strict_yaml import load_yaml
from stages.core.run.errors import InputError
from stages.core.run.files import require_file


def read_params(path: Path) -> Params:
    """Read and check params.yaml before any work.

    Raises
    ------
    InputError
        With every fault found: unknown keys and names (and the nearest known ones), keys that
        have moved (and where to), wrong types, values out of range, missing keys.
    """
    require_file(path, "Run the command from the folder of the project.")
    content = load_yaml(path)
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        faults = explain_all(error.errors(include_url=False))
        raise InputError("wrong parameters", where=path, got=faults) from error
