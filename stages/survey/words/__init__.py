"""The surveys of words: what models say together of a story, and of all recordings."""
