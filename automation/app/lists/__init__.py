"""Lists that units already keep come in."""
