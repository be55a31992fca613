"""Facts about single people: a row by header, and the rules that must find fault with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from automation.adapters.config_files import default_tables
from automation.core.config import tabs
from automation.core.judging.judged import Judged
from automation.core.model.workbook import Cell, Row
from tests.workbooks import NOW, SOUND, config_with, judge_units, unit_line

NAME, BORN, GENDER, NUMBER = "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD"
CATEGORY, PARTY, DEPARTMENT, PHONE = "Đối tượng", "Đảng viên", "Khoa/Phòng", "Điện thoại"
CARD, ISSUED, LEVEL, STAGE = "Thẻ CCCD gắn chíp", "Ngày cấp thẻ", "Mức tài khoản", "Tình trạng tài khoản"
ACTIVATED, EXEMPTION, UNTIL, DIFFICULTY = "Ngày kích hoạt", "Miễn, hoãn", "Hoãn đến ngày", "Khó khăn, vướng mắc"

Person = Mapping[str, Cell]


def changed(cells: Person) -> dict[str, Cell]:
    """The sound person with some cells changed."""
    return {**SOUND, **cells}


def only(cells: Person) -> dict[str, Cell]:
    """A row with nothing but these cells."""
    return {**dict.fromkeys(SOUND), **cells}


def nfd(typed: str) -> str:
    """The text as a Mac stores it: letters and marks apart."""
    return unicodedata.normalize("NFD", typed)


def table_with(title: str, row_where: tuple[str, str], **cells: Cell) -> list[Row]:
    """The shipped rows of a config tab, the row whose column holds the text changed in some columns."""
    headers = tabs.HEADERS[title]
    column, wanted = row_where
    shipped = default_tables()[title]
    changes = {header.replace("_", " "): cell for header, cell in cells.items()}
    return [
        [changes.get(h, cell) for h, cell in zip(headers, row, strict=True)]
        if row[headers.index(column)] == wanted
        else list(row)
        for row in shipped
    ]


def codes_of(judged: Judged, unit: str, row: int) -> frozenset[str]:
    """The rules that found fault with a row."""
    found = judged.findings
    return frozenset(found["rule"][(found["unit"] == unit) & (found["row"] == row)])


def codes_alone(people: Sequence[Person], now: datetime = NOW) -> list[frozenset[str]]:
    """The rules that find fault with each person, as if everybody were the only one in the workbook.

    Everybody gets a unit of their own; the rule about numbers of other units rests.
    """
    lines = [unit_line(f"d{number}") for number in range(len(people))]
    rules = table_with(tabs.RULES, ("Mã", "cccd-trung-don-vi-khac"), Chế_độ="Tắt")
    config = config_with(lines, **{tabs.RULES: rules})
    judged = judge_units({f"d{number}": [each] for number, each in enumerate(people)}, now, config)
    groups = judged.findings.groupby("unit")["rule"].agg(frozenset).to_dict()
    return [groups.get(f"d{number}", frozenset()) for number in range(len(people))]
