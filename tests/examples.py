"""How many examples a property is tried with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

REPEATABLE, RANDOM = "repeatable", "random"


def costly(examples: int) -> settings:
    """For a property whose examples take long: that many where they are new ones, a third where they repeat."""
    return settings(max_examples=examples if settings.get_current_profile_name() == RANDOM else examples // 3)


def cross_section(cases: Iterable[Any], *shown: object) -> list[Any]:
    """Cases of `parametrize`, those of them in every run that are `shown`; CI tries them all."""
    of_all = list(cases)
    unknown = [each for each in shown if each not in of_all]
    assert not unknown, unknown
    return [case if case in shown else _slow(case) for case in of_all]


def _slow(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
