"""From brain to features: fast regularised ensembles of models, for all of them at once."""
