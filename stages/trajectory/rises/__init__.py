"""How far curves rise, and beyond their control."""
