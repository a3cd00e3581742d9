"""The few numbers by which two runs of a study are compared."""
