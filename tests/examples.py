"""How many examples a property is tried with."""

from __future__ import annotations

from hypothesis import settings

REPEATABLE, RANDOM = "repeatable", "random"


def costly(examples: int) -> settings:
    """For a property whose examples take long: that many where they are new ones, a third where they repeat."""
    return settings(max_examples=examples if settings.get_current_profile_name() == RANDOM else examples // 3)
