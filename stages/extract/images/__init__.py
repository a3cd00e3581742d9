"""Networks that are shown images."""
