"""Story-reading brains with a known truth, in the raw format of the Wehbe release."""
