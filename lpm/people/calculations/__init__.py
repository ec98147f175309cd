"""What the app "people" works out without a database."""
