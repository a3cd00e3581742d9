"""How often the tests and intervals of the other stages are wrong, where the truth is known."""
