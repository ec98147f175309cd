"""Who is told how and when, and in which words. Pure."""
