"""What makes a row of a staff list right, written down apart from the code that makes the rows."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache

from automation.base.paths import CONFIG
from automation.core.config.working_days import WorkingCalendar
from automation.core.model.units import Unit
from automation.core.model.workbook import Cell
from automation.demo.values import DemoRow

AS_OF = date(2023, 4, 20)

ACTIVATED = ("Đã kích hoạt, chưa đăng nhập", "Đã kích hoạt và đăng nhập")
OUT_OF_SCOPE = ("Đã nghỉ việc, chuyển công tác", "Đã nghỉ hưu", "Biệt phái đến", "Người nước ngoài")
DEFERRING = ("Đang ở nước ngoài", "Nghỉ dài ngày theo chế độ")

LISTS = {
    "gioi-tinh": "Giới tính",
    "doi-tuong": "Đối tượng",
    "dang-vien": "Có không",
    "the": "Thẻ",
    "muc": "Mức tài khoản",
    "tinh-trang": "Tình trạng tài khoản",
    "mien-hoan": "Miễn, hoãn",
    "kho-khan": "Khó khăn",
}

_CALENDAR = WorkingCalendar()


def config_table(name: str) -> list[dict[str, str]]:
    with open(CONFIG / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def units() -> tuple[Unit, ...]:
    """The units of the shipped registry."""
    return tuple(
        Unit(code=line["Mã"], name=line["Tên đơn vị"], group=line["Nhóm"], tab_title=line["Trang tính"])
        for line in config_table("don-vi.csv")
    )


@cache
def list_values(name: str) -> frozenset[str]:
    return frozenset(line["Giá trị"] for line in config_table("danh-muc.csv") if line["Danh mục"] == name)


def objections(row: DemoRow, as_of: date = AS_OF) -> list[str]:
    """Everything that is wrong with the row of a person on the day `as_of`."""
    return [
        *_about_the_person(row, as_of),
        *_about_the_number(row["cccd"], row["ngay-sinh"], row["gioi-tinh"]),
        *_about_the_card(row, as_of),
        *_about_the_account(row, as_of),
        *_about_the_excuse(row, as_of),
    ]


def _about_the_person(row: DemoRow, as_of: date) -> Iterator[str]:
    name, birth = row["ho-ten"], row["ngay-sinh"]
    if not isinstance(name, str) or not re.fullmatch(r"[^\W\d_]+( [^\W\d_]+)+", name):
        yield "name"
    elif not all(letter in "đĐ" or unicodedata.normalize("NFD", letter)[0].isascii() for letter in name):
        yield "letters of the name"
    if not isinstance(birth, date) or not 15 <= _age(birth, as_of) <= 80:
        yield "birth date"
    if row["doi-tuong"] is None or row["gioi-tinh"] is None:
        yield "category or gender missing"
    for field, list_name in LISTS.items():
        if row[field] is not None and row[field] not in list_values(list_name):
            yield f"{field} not in its list"
    if row["dien-thoai"] is not None and not re.fullmatch(r"0900000\d{3}", str(row["dien-thoai"])):
        yield "phone"
    if any(isinstance(cell, str) and len(cell) > 1000 for cell in row.values()):
        yield "cell too long"


def _about_the_number(number: Cell, birth: Cell, gender: Cell) -> Iterator[str]:
    if number is None:
        return
    if not isinstance(number, str) or not re.fullmatch(r"\d{6}000\d{3}", number):
        yield "number"
        return
    if number[:3] not in list_values("Mã nơi sinh"):
        yield "place of the number"
    century = {"0": (19, "Nam"), "1": (19, "Nữ"), "2": (20, "Nam"), "3": (20, "Nữ")}[number[3]]
    if isinstance(birth, date) and (century[0], int(number[4:6])) != divmod(birth.year, 100):
        yield "year of the number"
    if gender != century[1]:
        yield "gender of the number"


def _about_the_card(row: DemoRow, as_of: date) -> Iterator[str]:
    birth, issued = row["ngay-sinh"], row["ngay-cap"]
    if (issued is not None) != (row["the"] == "Đã có"):
        yield "issue date without card, or the reverse"
    if issued is None:
        return
    assert isinstance(issued, date)
    if row["cccd"] is None:
        yield "card without number"
    if not date(2021, 1, 1) <= issued <= as_of or not _CALENDAR.is_working_day(issued):
        yield "issue date"
    if isinstance(birth, date) and _expires_by(as_of, birth, issued):
        yield "expired card"


def _about_the_account(row: DemoRow, as_of: date) -> Iterator[str]:
    card, issued, level, stage = (row[field] for field in ("the", "ngay-cap", "muc", "tinh-trang"))
    activated = row["ngay-kich-hoat"]
    if (level is None) != (stage in (None, "Chưa đăng ký")):
        yield "level without stage, or the reverse"
    if level == "Mức 2" and card in (None, "Chưa làm"):
        yield "level 2 without card"
    if (activated is not None) != (stage in ACTIVATED):
        yield "activation date without activation, or the reverse"
    if isinstance(activated, date):
        if not date(2022, 7, 18) < activated <= as_of:
            yield "activation date"
        if isinstance(issued, date) and activated < issued:
            yield "activated before the card"


def _about_the_excuse(row: DemoRow, as_of: date) -> Iterator[str]:
    reason, until = row["mien-hoan"], row["hoan-den"]
    if (until is not None) != (reason in DEFERRING):
        yield "deferral without date, or the reverse"
    if isinstance(until, date) and not 0 <= (until - as_of).days <= 180:
        yield "deferral date"
    if reason in (*OUT_OF_SCOPE, *DEFERRING) and is_done(row):
        yield "excused but done"


def _expires_by(as_of: date, birth: date, issued: date) -> bool:
    """A card lasts to the first of these birthdays that is more than two years away when it is issued."""
    ages = [age for age in (25, 40, 60) if _years_on(birth, age - 2) > issued]
    return bool(ages) and _years_on(birth, ages[0]) <= as_of


def is_done(row: DemoRow) -> bool:
    return row["tinh-trang"] == "Đã kích hoạt và đăng nhập"


def _age(birth: date, as_of: date) -> int:
    return as_of.year - birth.year - ((as_of.month, as_of.day) < (birth.month, birth.day))


def _years_on(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + years, 3, 1) if leap_day else day.replace(year=day.year + years)
