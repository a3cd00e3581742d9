"""Pictures of published numbers beside ours."""
