"""The Harry Potter recordings (Wehbe et al. 2014), and releases in their format."""
