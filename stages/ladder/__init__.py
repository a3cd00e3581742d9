"""The ladder of evidence: what of every claim holds, what fails, and what was not asked."""
