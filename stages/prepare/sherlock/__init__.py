"""Sherlock: how a film, and its description, are followed (Chen et al. 2017)."""
