"""Pictures of language models beside recordings of words and sentences."""
