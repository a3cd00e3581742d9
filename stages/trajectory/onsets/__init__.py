"""When curves rise, and in which order."""
