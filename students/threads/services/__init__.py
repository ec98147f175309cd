"""Writing to each other."""
