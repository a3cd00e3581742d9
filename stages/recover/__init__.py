"""Recovery: whether the analysis finds the truth that was planted in simulated brains."""
