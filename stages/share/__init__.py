"""What the studies found, as files that others open without this project."""
