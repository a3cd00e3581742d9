"""Pictures of the scene study."""
