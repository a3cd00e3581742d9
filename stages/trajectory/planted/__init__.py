"""What is known of curves that were planted."""
