"""Concord: one package per kind of pipeline stage, and `core`, which they share."""
