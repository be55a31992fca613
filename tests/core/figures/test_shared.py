from __future__ import annotations

from datetime import date

from automation.core.figures.history import Reading
from automation.core.figures.shared import Change, change_since


def test_change_needs_two_rates() -> None:
    day = date(2023, 4, 18)
    assert change_since(Reading(day, 10, 1), 18.1, 2) == Change(day, 8.1, 2)
    assert change_since(None, 18.1, 2) is None
    assert change_since(Reading(day, 0, 0), 18.1, 2) is None
    assert change_since(Reading(day, 10, 1), None, 2) is None
