"""What people were told, how they want to be told, and the letters of a demonstration."""
