"""Check: the parameters as a whole, before any work."""
