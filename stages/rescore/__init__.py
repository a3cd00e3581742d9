"""Scores of published variants, beside those that leave whole runs out: for comparison alone."""
