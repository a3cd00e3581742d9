"""People who read a story, in the raw format of the Wehbe release."""
