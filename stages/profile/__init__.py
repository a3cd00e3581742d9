"""Profiles: whether a region and a layer carry the same information, feature by feature."""
