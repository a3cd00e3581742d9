"""A laboratory's own BIDS dataset, preprocessed."""
