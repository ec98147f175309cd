"""The demonstration district as plain values: who there is, and how they learn. Nothing here sees the database."""
