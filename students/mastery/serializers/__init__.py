"""Shapes of what programs send and are answered."""
