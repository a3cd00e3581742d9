"""Probing: which linguistic features can be read from each layer, held out and against chance."""
