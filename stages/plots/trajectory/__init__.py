"""Pictures of training trajectories: when alignment arrives, and what comes before it."""
