"""The report: everything the studies found, as one page that opens anywhere."""
