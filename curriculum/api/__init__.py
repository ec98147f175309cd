"""The CASE REST binding of 1EdTech, read-only: frameworks for other systems."""
