"""Picture of what shuffled folds add to scores."""
