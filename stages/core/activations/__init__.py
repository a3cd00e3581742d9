"""Contract 2: what a model made of the stimuli."""
