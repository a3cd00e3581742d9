"""The flow on several workers: stages that do not wait for each other run side by side."""
