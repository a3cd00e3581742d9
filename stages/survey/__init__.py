"""Survey: what the alignments of all models of the zoo say together."""
