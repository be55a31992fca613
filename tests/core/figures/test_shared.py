from __future__ import annotations

from datetime import date

import pytest

from automation.core.figures.history import Earlier
from automation.core.figures.shared import change_since, pace_needed


@pytest.mark.parametrize(
    ("left", "days", "pace"),
    [(12, 2, 6), (13, 2, 7), (1, 10, 1), (0, 5, None), (5, 0, None), (5, -3, None)],
)
def test_pace_is_rounded_up_and_ends_with_the_deadline(left: int, days: int, pace: int | None) -> None:
    assert pace_needed(left, days) == pace


def test_change_needs_two_rates() -> None:
    day = date(2023, 4, 18)
    change = change_since(Earlier(day, 10.0, 9), 18.1, 7)
    assert change is not None
    assert (change.day, change.points, change.fewer_left) == (day, 8.1, 2)
    assert change_since(None, 18.1, 7) is None
    assert change_since(Earlier(day, None, 9), 18.1, 7) is None
    assert change_since(Earlier(day, 10.0, 9), None, 0) is None
