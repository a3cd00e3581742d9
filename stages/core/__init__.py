"""What every stage shares: contracts, parameters, errors, and the numeric engine."""
