"""From raw files, as their owners publish them, to recordings."""
