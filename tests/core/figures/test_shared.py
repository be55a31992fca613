from __future__ import annotations

from datetime import date

import pytest

from automation.core.figures.history import Reading
from automation.core.figures.shared import Change, change_since, pace_needed


@pytest.mark.parametrize(
    ("left", "days", "pace"),
    [(12, 2, 6), (13, 2, 7), (1, 10, 1), (0, 5, None), (5, 0, None), (5, -3, None)],
)
def test_pace_is_rounded_up_and_ends_with_the_deadline(left: int, days: int, pace: int | None) -> None:
    assert pace_needed(left, days) == pace


def test_change_needs_two_rates() -> None:
    day = date(2023, 4, 18)
    assert change_since(Reading(day, 10, 1), 18.1, 2) == Change(day, 8.1, 2)
    assert change_since(None, 18.1, 2) is None
    assert change_since(Reading(day, 0, 0), 18.1, 2) is None
    assert change_since(Reading(day, 10, 1), None, 2) is None
