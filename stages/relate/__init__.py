"""Relations: alignment with the brain beside benchmark performance and size, over models."""
