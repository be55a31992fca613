"""Who gets which mail when, and why."""
