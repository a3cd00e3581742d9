"""Recordings of words and sentences from the community's netCDF assemblies."""
