"""A family of checkpoints whose course is known, from the layers of a model."""
