"""The survey of the scenes: what the alignments of all models say together."""
