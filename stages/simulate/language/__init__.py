"""People who read sentences and stories, in the netCDF layout of the community's assemblies."""
