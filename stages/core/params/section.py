"""What every block of params.yaml is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A block of params.yaml: typed, immutable, finite, no defaults, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
