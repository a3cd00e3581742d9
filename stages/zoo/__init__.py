"""The roll call of the zoo."""
