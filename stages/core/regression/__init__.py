"""Held-out ridge regression."""
