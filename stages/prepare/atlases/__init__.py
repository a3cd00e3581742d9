"""Atlases: which region every measured voxel or vertex belongs to."""
