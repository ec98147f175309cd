"""Forms of the curriculum, by area."""
