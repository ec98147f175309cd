"""Reads over several models, by area."""
