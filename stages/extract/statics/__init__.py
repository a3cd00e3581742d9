"""What stands beside networks of words: vectors, trigrams, and controls."""
