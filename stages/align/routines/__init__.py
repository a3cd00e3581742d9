"""The formulas of the metrics, a module for each kind."""
