"""Show the words to a model and keep the output of every layer."""
