"""Simulated brains with a known truth, in the raw formats of public releases."""
