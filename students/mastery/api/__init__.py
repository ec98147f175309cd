"""The record for programs: what is read and written here is what the pages read and write."""
