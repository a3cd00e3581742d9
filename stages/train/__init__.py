"""Networks trained here, so that every step of their training is a model of its own."""
