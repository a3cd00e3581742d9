"""Scores, their nulls, and what may be said of many of them."""
