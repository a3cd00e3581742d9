"""Pictures: what the results look like, for `dvc plots` and for a paper."""
