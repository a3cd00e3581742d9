"""Pictures of how often tests and intervals are wrong."""
