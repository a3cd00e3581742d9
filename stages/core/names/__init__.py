"""The vocabulary: what may stand in params.yaml and in a table, without any computing."""
