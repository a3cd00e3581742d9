"""Opening a model that is a network: by the library that has it.

The libraries take seconds to import, so that each is imported only where it is needed.
"""

from stages.core.names.models import ModelSpec
from stages.core.nets.hardware import Hardware
from stages.core.nets.source import find_source, is_timm_folder
from stages.extract.towers import OpenedModel, Stimuli


def open_network(spec: ModelSpec, shown: Stimuli, hardware: Hardware) -> OpenedModel:
    """Find a model and prepare its towers.

    Raises
    ------
    InputError
        If the model is not there or not usable.
    ConcordError
        If a download broke.
    """
    if spec.scheme == "timm":
        from stages.extract.images.timm_tower import open_timm  # noqa: PLC0415

        return open_timm(spec, None, shown, hardware)
    source = find_source(spec)
    if is_timm_folder(source.folder):
        from stages.extract.images.timm_tower import open_timm  # noqa: PLC0415

        return open_timm(spec, source, shown, hardware)
    from stages.extract.open_transformers import open_transformers  # noqa: PLC0415

    return open_transformers(source, spec, shown, hardware)
