"""What the pictures of all studies share."""
