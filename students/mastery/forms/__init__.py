"""Shapes of what people send; what it means is checked by the services."""
