"""The short config tabs `Chỉ số` and `Văn bản`: what they say, and what is said of what they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from automation.adapters.config_files import default_tables
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.model.workbook import Cell, Row

THREE = ["Quyết định số 34/2021/QĐ-TTg", "Nghị định số 59/2022/NĐ-CP", "Nghị định số 104/2022/NĐ-CP"]
"""The documents that the letter names."""


def read(title: str, *rows: Row) -> Config | Refused:
    return read_config({**default_tables(), title: [tabs.HEADERS[title], *rows]})


def config_of(title: str, *rows: Row) -> Config:
    found = read(title, *rows)
    assert isinstance(found, Config), found
    return found


def fields_without(code: str) -> Sequence[Row]:
    used = tabs.HEADERS[tabs.FIELDS].index("Dùng")
    return [
        [*row[:used], "Không" if row[0] == code else row[used], *row[used + 1 :]]
        for row in default_tables()[tabs.FIELDS]
    ]


@pytest.mark.parametrize(
    ("unused", "left"),
    [
        ("the", ["tai-khoan", "muc-2"]),
        ("muc", ["the"]),
        ("tinh-trang", ["the"]),
        ("ho-ten", ["the", "tai-khoan", "muc-2"]),
    ],
)
def test_a_part_rate_rests_where_a_column_is_switched_off(unused: str, left: list[str]) -> None:
    config = read_config({**default_tables(), tabs.FIELDS: fields_without(unused)})
    assert isinstance(config, Config), config
    assert [rate.code for rate in config.part_rates] == left


def test_without_rows_there_is_no_part_rate_and_no_document() -> None:
    assert config_of(tabs.PART_RATES).part_rates == ()
    assert config_of(tabs.DOCUMENTS).documents == ()


@pytest.mark.parametrize(
    ("title", "row", "column", "said"),
    [
        (tabs.PART_RATES, ["x", "Tên", None], "C", "Khi"),
        (tabs.PART_RATES, ["x", None, "Họ và tên có"], "B", "Tên"),
        (tabs.PART_RATES, ["x", "Tên", "Chức vụ có"], "C", "Chức vụ"),
        (tabs.PART_RATES, ["x", "Tên", "Số lỗi = 0"], "C", "Số lỗi"),
        (tabs.DOCUMENTS, [None, "05/09/2022", "về việc"], "A", "Số"),
        (tabs.DOCUMENTS, ["Nghị định 1", None, "về việc"], "B", "Ngày"),
        (tabs.DOCUMENTS, ["Nghị định 1", "31/02/2022", "về việc"], "B", "31/02/2022"),
        (tabs.DOCUMENTS, ["Nghị định 1", "05/09/2022", None], "C", "Trích yếu"),
        (tabs.DOCUMENTS, ["Nghị định 1", "05/09/2022", "về việc", "mai"], "D", "mai"),
        (tabs.DOCUMENTS, ["Nghị định 1", "05/09/2022", "về việc", "20/10/2022", "19/10/2022"], "E", "20/10/2022"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_cell(title: str, row: Row, column: str, said: str) -> None:
    found = read(title, row)
    assert isinstance(found, Refused)
    (problem,) = found.problems
    assert (problem.where, said in problem.what) == (f"Trang “{title}”, ô {column}2", True)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2022, 10, 19), THREE[:1]),
        (date(2023, 4, 20), THREE),
        (date(2024, 6, 30), THREE),
        (date(2024, 7, 1), [THREE[0], THREE[2], "Nghị định số 69/2024/NĐ-CP"]),
    ],
)
def test_documents_are_made_known_while_they_are_in_force(day: date, shown: list[str]) -> None:
    config = read_config(default_tables())
    assert isinstance(config, Config)
    assert [each.number for each in config.on(day).documents] == shown


@pytest.mark.parametrize("typed", ["05/09/2022", "5/9/2022", date(2022, 9, 5), 44809])
def test_a_day_is_a_day_however_it_is_typed(typed: Cell) -> None:
    (document,) = config_of(tabs.DOCUMENTS, ["Nghị định 1", typed, "về việc"]).documents
    assert document.dated == date(2022, 9, 5)
