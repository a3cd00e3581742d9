"""The blocks of timm's image networks, by timm's names."""

from typing import Any

from stages.core.run.errors import InputError

# Where timm keeps blocks. The members of the first are blocks as they are numbered (of an
# EfficientNet its stages); those of the others are stages, which may have blocks of their own.
BLOCKS = "blocks"
STAGES = ("stages", "layers", "levels", "transformers")
STAGE_SERIES = (
    ("layer1", "layer2", "layer3", "layer4"),
    ("s1", "s2", "s3", "s4"),
    ("serial_blocks1", "serial_blocks2", "serial_blocks3", "serial_blocks4"),
)
# Containers that list modules and are never run themselves.
LISTS = ("ModuleList", "ModuleDict")


def block_names(network: Any) -> list[str]:
    """Name the blocks of a network of timm, in order of depth.

    Where timm's containers are not found, the modules of its `feature_info` serve. A container that
    only lists modules gives way to what it lists.

    Raises
    ------
    InputError
        If it has neither, naming its children.
    """
    return [block for name in _named(network) for block in _run(network, name)]


def _run(network: Any, name: str) -> list[str]:
    """Name a module, or those that are run in its place."""
    module = network.get_submodule(name)
    if type(module).__name__ not in LISTS:
        return [name]
    return [part for child in _numbered(name, module) for part in _run(network, child)]


def _named(network: Any) -> list[str]:
    children = dict(network.named_children())
    if BLOCKS in children:
        return _numbered(BLOCKS, children[BLOCKS])
    for name in STAGES:
        if name in children:
            stages = _numbered(name, children[name])
            return [block for stage in stages for block in _of_stage(network, stage)]
    for series in STAGE_SERIES:
        if set(series) <= set(children):
            return [block for stage in series for block in _numbered(stage, children[stage])]
    known = dict(network.named_modules())
    modules = [str(entry["module"]) for entry in getattr(network, "feature_info", [])]
    if not modules or not all(name in known for name in modules) or "" in modules:
        raise InputError(
            "network without known blocks",
            where=f"timm's {type(network).__name__}",
            expected=f"one of {', '.join([BLOCKS, *STAGES])}, or feature_info",
            got=", ".join(children),
            do="Use another model, or add its container to stages/core/nets/blocks.py.",
        )
    return list(dict.fromkeys(modules))


def _numbered(name: str, container: Any) -> list[str]:
    return [f"{name}.{child}" for child, _ in container.named_children()]


def _of_stage(network: Any, name: str) -> list[str]:
    """Blocks of a stage, or the stage itself where it does not name them so."""
    blocks = dict(network.get_submodule(name).named_children()).get(BLOCKS)
    return [name] if blocks is None else _numbered(f"{name}.{BLOCKS}", blocks)
