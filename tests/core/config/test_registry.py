"""The table of the registry's columns."""

from __future__ import annotations

import pytest

from automation.core.config.registry import (
    COMPUTED,
    FILLED_IN,
    FOCAL_PERSON,
    HEAD,
    UnitFigures,
    addresses_of,
    computed_cells,
    filled_in,
    unit_of,
)
from automation.core.model.units import Standing


def test_a_unit_keeps_what_stands_in_its_line() -> None:
    typed = {column.field: f"{column.field}@example.org" for column in FILLED_IN} | {"headcount": 12}
    unit = unit_of(typed)
    assert filled_in(unit) == tuple(typed.values())
    assert addresses_of(unit, FOCAL_PERSON) == ("focal_email@example.org",)
    assert addresses_of(unit, HEAD) == ("head_email@example.org",)


def test_a_column_that_the_program_does_not_know_is_kept_beside() -> None:
    unit = unit_of({"code": "a", "name": "A", "fax": "028"})
    assert unit.others == {"fax": "028"}


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("a@example.org; chưa có", ("a@example.org",)),
        ("a@\u0435\u0445\u0430mple.org; b@example.org", ("b@example.org",)),
        ("; ".join(f"a{n}@example.org" for n in range(100)), tuple(f"a{n}@example.org" for n in range(20))),
    ],
    ids=["no address", "a look-alike domain", "a hundred"],
)
def test_what_is_no_plain_address_and_the_surplus_is_reached_by_nothing(typed: str, used: tuple[str, ...]) -> None:
    assert addresses_of(unit_of({"code": "a", "name": "A", "focal_email": typed}), FOCAL_PERSON) == used


def test_a_unit_that_was_never_read_shows_why_and_no_figures() -> None:
    never_read = UnitFigures(Standing("a", "A", known=False), None, None, None, "Không đọc được.")
    assert computed_cells(never_read) == {"Ghi chú hệ thống": "Không đọc được."}
    known = UnitFigures(Standing("a", "A", rows=3), 0.5, None, None, None)
    assert list(computed_cells(known)) == [column.header for column in COMPUTED]
