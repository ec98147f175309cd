"""Pure functions over a curriculum: no database, no models."""
