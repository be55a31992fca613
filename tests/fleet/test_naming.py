"""Which workbook is meant, and what it is called."""

from __future__ import annotations

import pytest

from automation.base.errors import CannotStart
from automation.fleet.naming import one_named, taken_on, unknown
from automation.fleet.registry import FleetWorkbook

HEALTH = FleetWorkbook("key-1", "1AbC", "Sở Y tế", "y-te.json", is_paused=True, worker="may-1")
SCHOOLS = FleetWorkbook("key-2", "1XyZ", "Sở Giáo dục", "")
ALL = (HEALTH, SCHOOLS)


@pytest.mark.parametrize(
    ("name", "credentials", "has"),
    [
        (None, None, ("Sở Y tế", "y-te.json")),
        ("Y tế", None, ("Y tế", "y-te.json")),
        (None, "new.json", ("Sở Y tế", "new.json")),
        (None, "", ("Sở Y tế", "")),
        ("", None, ("1AbC", "y-te.json")),
        ("Sở Y tế", None, ("Sở Y tế", "y-te.json")),
    ],
)
def test_one_that_is_there_keeps_what_is_not_said_anew(
    name: str | None, credentials: str | None, has: tuple[str, str]
) -> None:
    found = taken_on(ALL, "key-1", "1AbC", name, credentials)
    assert (found.name, found.credentials, found.is_paused) == (*has, True)


@pytest.mark.parametrize("name", ["Sở\nY tế", "Sở\tY tế", "\x1b[31mSở", "\udcff"])
def test_a_name_that_no_line_could_show_is_refused(name: str) -> None:
    with pytest.raises(CannotStart, match="--name"):
        taken_on(ALL, "key-1", "1AbC", name, None)


def test_a_new_one_is_called_by_its_address_where_nobody_said() -> None:
    assert taken_on(ALL, "key-3", "1New", None, None) == FleetWorkbook("key-3", "1New", "1New", "")


@pytest.mark.parametrize("name", ["Sở Giáo dục", "SỞ GIÁO DỤC", " Sở  Giáo dục", "1XyZ"])
@pytest.mark.parametrize("key", ["key-1", "key-3"])
def test_no_two_have_one_name(name: str, key: str) -> None:
    with pytest.raises(CannotStart, match="1XyZ"):
        taken_on(ALL, key, "1AbC", name, None)


@pytest.mark.parametrize(
    ("named", "meant"), [("Sở Y tế", HEALTH), ("1XyZ", SCHOOLS), ("key-1", HEALTH), ("Sở", None), ("", None)]
)
def test_a_workbook_is_named_by_its_name_address_or_key(named: str, meant: FleetWorkbook | None) -> None:
    assert one_named(ALL, named) == meant


@pytest.mark.parametrize(("named", "hint"), [("so y te", 'Có phải ý là "Sở Y tế"'), ("Hà Nội", "tccb fleet list")])
def test_who_names_none_hears_which_may_be_meant(named: str, hint: str) -> None:
    said = str(unknown(ALL, named))
    assert (f'"{named}"' in said, hint in said, "Có phải" in said) == (True, True, named == "so y te")
