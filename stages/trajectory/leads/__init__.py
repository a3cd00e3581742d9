"""By how much one curve is ahead of another."""
