"""What the bot remembers, in a file or in PostgreSQL."""
