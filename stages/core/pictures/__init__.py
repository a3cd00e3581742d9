"""Pictures as data: images that were shown, and cortical surfaces."""
