"""Each kind of mistake does what its name says: a reader copes with it, or has something to object to."""

from __future__ import annotations

import random
import unicodedata
from datetime import date

import pytest

from automation.core.model.units import Unit
from automation.core.reading.cells import as_text, fold, read_date, read_identity, read_phone
from automation.demo.mistakes import KINDS, MISTAKES, PAIR_MISTAKES, Mistake, PairMistake
from automation.demo.people import make_people
from automation.demo.progress import Progress
from automation.demo.values import DemoRow
from tests.demo.row_checks import AS_OF, config_table, list_values, objections

UNIT = Unit("bv-mau", "Bệnh viện Mẫu", "Bệnh viện đa khoa thành phố")


def rows_in_order() -> list[DemoRow]:
    rows = make_people(UNIT, 300, AS_OF, random.Random(5), progress=Progress(0.6))
    return [row for row in rows if row["mien-hoan"] is None]


def spoiled(kind: Mistake) -> list[tuple[DemoRow, DemoRow]]:
    """Every row that fits, before and after."""
    chance = random.Random(11)
    pairs = [(row, dict(row)) for row in rows_in_order() if kind.fits(row)]
    for _, after in pairs:
        kind.spoil(after, chance, AS_OF)
    return pairs


def meaning(row: DemoRow) -> dict[str, object]:
    """What a reader makes of a row."""
    places = list_values("Mã nơi sinh")
    identity = read_identity(row["cccd"], places)
    party = as_text(row["dang-vien"])
    listed = ("gioi-tinh", "doi-tuong", "the", "muc", "tinh-trang")
    return {
        "name": fold(as_text(row["ho-ten"])),
        "birth": read_date(row["ngay-sinh"]),
        "issued": read_date(row["ngay-cap"]),
        "number": identity.number if identity else None,
        "party": {"x": "có", "true": "có", "false": "không"}.get(fold(party), fold(party)),
        "lists": [fold(as_text(row[field])) for field in listed],
    }


DATE_SPELLINGS = ("5/7/2021", "05/07/2021", "05-07-2021", "05.07.2021", " 05 / 07 / 2021", "2021-07-05")

HARMLESS = [kind for kind in MISTAKES if not kind.fires]
HARMFUL = [kind for kind in MISTAKES if kind.fires]


def test_every_rule_has_a_mistake_that_breaks_it() -> None:
    fired = {rule for kind in KINDS for rule in kind.fires}
    assert fired == {line["Mã"] for line in config_table("quy-tac.csv")}


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", MISTAKES, ids=lambda kind: kind.code)
def test_a_mistake_changes_every_row_that_fits_it(kind: Mistake) -> None:
    pairs = spoiled(kind)
    assert len(pairs) > 10
    assert all(after != before and list(after) == list(before) for before, after in pairs)


@pytest.mark.parametrize("kind", HARMLESS, ids=lambda kind: kind.code)
def test_a_reader_understands_a_harmless_mistake(kind: Mistake) -> None:
    assert all(meaning(after) == meaning(before) for before, after in spoiled(kind))


@pytest.mark.parametrize("kind", HARMFUL, ids=lambda kind: kind.code)
def test_there_is_something_to_object_to_after_any_other(kind: Mistake) -> None:
    assert all(objections(after) for _, after in spoiled(kind))


@pytest.mark.parametrize(
    ("code", "field", "cell"),
    [
        ("name-decomposed", "ho-ten", unicodedata.normalize("NFD", "Lê Thị Hoà Bình")),
        ("name-no-break-spaces", "ho-ten", "Lê\u00a0Thị\u00a0Hoà\u00a0Bình"),
        ("name-one-word", "ho-ten", "Bình"),
        ("birth-serial", "ngay-sinh", 31121),
        ("birth-short-year", "ngay-sinh", ("15-03-85", "15/03/85")),
        ("birth-no-such-day", "ngay-sinh", "31/02/1985"),
        ("birth-month-first", "ngay-sinh", "03/15/1985"),
        ("birth-century-early", "ngay-sinh", date(1885, 3, 15)),
        ("number-integer", "cccd", 79185000123),
        ("number-grouped", "cccd", ("079 185 000 123", "079.185.000.123", "079-185-000-123")),
        ("number-apostrophe", "cccd", "'079185000123"),
        ("number-letter", "cccd", "07918500012O"),
        (
            "issue-text",
            "ngay-cap",
            DATE_SPELLINGS,
        ),
        ("party-tick", "dang-vien", ("x", "X", "có", True)),
        ("level-2-without-card", "ngay-cap", None),
        ("deferral-without-date", "hoan-den", None),
    ],
)
def test_what_is_typed(code: str, field: str, cell: object) -> None:
    row: DemoRow = {
        **rows_in_order()[0],
        "ho-ten": "Lê Thị Hoà Bình",
        "ngay-sinh": date(1985, 3, 15),
        "gioi-tinh": "Nữ",
        "cccd": "079185000123",
        "dang-vien": "Có",
        "ngay-cap": date(2021, 7, 5),
    }
    kind = next(kind for kind in MISTAKES if kind.code == code)
    kind.spoil(row, random.Random(1), AS_OF)
    assert row[field] in (cell if isinstance(cell, tuple) else (cell,))


def test_a_phone_that_lost_its_zero_can_be_read_and_one_that_lost_digits_cannot() -> None:
    by_code = {kind.code: kind for kind in MISTAKES}
    for _, after in spoiled(by_code["phone-integer"]):
        assert str(read_phone(after["dien-thoai"])) == f"0{after['dien-thoai']}"
    for _, after in spoiled(by_code["phone-too-short"]):
        assert not isinstance(read_phone(after["dien-thoai"]), str)


@pytest.mark.parametrize("kind", PAIR_MISTAKES, ids=lambda kind: kind.code)
def test_two_rows_name_the_same_person(kind: PairMistake) -> None:
    model, other = [row for row in rows_in_order() if kind.fits(row)][:2]
    copy = dict(other)
    kind.spoil(model, copy, random.Random(1))
    assert (copy["ho-ten"], copy["ngay-sinh"]) == (model["ho-ten"], model["ngay-sinh"])
    assert (copy["cccd"] == model["cccd"]) is (kind.code != "entered-twice-other-number")
    assert (copy["stt"], copy["khoa-phong"]) == (other["stt"], other["khoa-phong"])
    assert objections(copy) == []
