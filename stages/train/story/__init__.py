"""A language model trained on a text."""
