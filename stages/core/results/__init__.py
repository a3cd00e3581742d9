"""Contracts 3 to 5: results, the survey of the zoo, and relations."""
