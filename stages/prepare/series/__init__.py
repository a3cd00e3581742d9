"""Images of preprocessed runs: where they were measured, when, and what; volumes and surfaces."""
