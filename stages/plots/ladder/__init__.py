"""Pictures of what holds, what fails and what was not asked."""
