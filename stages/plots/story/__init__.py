"""Pictures of the story study."""
