"""When alignment arrives in training, and whether it comes before performance."""
