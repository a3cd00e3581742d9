"""Scores of one model and recording by how much is read before each word."""
