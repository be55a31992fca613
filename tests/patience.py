"""How long tests wait for something that is bound to come."""

HANG_SECONDS = 600.0
"""The net under every wait. Nothing takes as long on the slowest machine, so whoever meets it has met a hang; no test
may depend on anything being quicker."""
