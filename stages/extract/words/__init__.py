"""Models that are shown words: what they read, and what they make of it."""
