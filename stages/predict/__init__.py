"""Next-word prediction on a text that nobody was measured on, beside that on the stimuli."""
