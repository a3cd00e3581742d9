"""Curves of training: made, shaped, and as noisy as each other."""
