"""The values that travel through a cycle, and what the core asks of the outside."""
