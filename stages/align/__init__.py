"""Alignment of two sets of representations: which geometries of the stimuli agree."""
