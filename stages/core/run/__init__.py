"""How a stage runs: commands, errors, files, workers. Nothing here can change a number."""
