"""Pages of the curriculum, by area."""
