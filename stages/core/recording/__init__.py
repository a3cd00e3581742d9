"""Contract 1: what was shown, and what brains did."""
