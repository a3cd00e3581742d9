"""The parameters of the study."""
