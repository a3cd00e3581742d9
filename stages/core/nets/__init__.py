"""Networks as objects: found, checked, loaded and placed on a device."""
