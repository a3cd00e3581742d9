"""Nulls of permuted rows, in closed form where there is one."""
