"""Encoding: how well each layer predicts each region, held out, against chance and ceiling."""
