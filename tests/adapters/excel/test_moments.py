"""Dates by their numbers and by their formats: what openpyxl makes of the same, which is not loaded for that."""

from __future__ import annotations

from datetime import datetime, time
from itertools import chain, product

import pytest
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from automation.adapters.excel.package import MAIN
from automation.adapters.excel.styles import FIRST_CUSTOM_FORMAT, Styles, shows_moment
from automation.adapters.excel.values import moment_of

_DAYS = (0, 1, 59, 60, 61, 366, 45_044, 2_900_000, -1, -40_000)
_PARTS = (0, 0.25, 0.5, 1 / 3, 0.999_99, 0.999_999_999, 1e-9)
CODES = (
    "General", "0.00", "dd/mm/yyyy", "DD/MM/YYYY hh:mm", "[h]:mm:ss", "[HH]:mm", "[mm]:ss.0", "[ss]", "[$-42A]dd mmmm",
    '"ngày" 0', '"ngày" d', "[Red]0", "[Red]d", "0;d", r"\d0", "_d0", "@", "", "yyyy", "s", "[$đ-42A]#,##0", '0" d"',
)  # fmt: skip


@pytest.mark.parametrize("epoch", [WINDOWS_EPOCH, MAC_EPOCH])
def test_numbers_are_the_moments_that_openpyxl_finds(epoch: datetime) -> None:
    for day, part in product(_DAYS, _PARTS):
        assert moment_of(day + part, epoch) == from_excel(day + part, epoch), day + part


def test_some_numbers_are_none() -> None:
    assert moment_of(0.5, WINDOWS_EPOCH) == time(12)
    for number in (19_900_229, -800_000, 1e300):
        with pytest.raises((OverflowError, ValueError)):
            moment_of(number, WINDOWS_EPOCH)


def test_formats_show_moments_where_openpyxl_says_so() -> None:
    for code in CODES:
        assert shows_moment(code) == (is_date_format(code) and not is_timedelta_format(code)), code


def test_formats_that_are_built_in_are_known_by_their_numbers() -> None:
    numbers = range(FIRST_CUSTOM_FORMAT + 1)
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in numbers)
    styles = Styles(f"<styleSheet xmlns='{MAIN}'><cellXfs>{formats}</cellXfs></styleSheet>".encode())
    codes = (BUILTIN_FORMATS.get(number) for number in numbers)
    wanted = (is_date_format(code) and not is_timedelta_format(code) for code in codes)
    assert styles.dates() == frozenset(number for number, is_date in zip(numbers, wanted, strict=True) if is_date)


def test_a_format_of_the_file_goes_before_the_one_that_is_built_in() -> None:
    given = '<numFmts><numFmt numFmtId="14" formatCode="0.0"/><numFmt numFmtId="3" formatCode="d/m"/></numFmts>'
    xml = f"<styleSheet xmlns='{MAIN}'>{given}<cellXfs><xf numFmtId='14'/><xf numFmtId='3'/></cellXfs></styleSheet>"
    assert Styles(xml.encode()).dates() == {1}


def test_a_date_format_that_was_added_is_one() -> None:
    styles = Styles(None)
    added = [styles.with_number_format(0, code) for code in ("dd/mm/yyyy", "0.00", "dd/mm/yyyy", "d-mmm-yy")]
    assert [styles.is_date(index) for index in added] == [True, False, True, True]
    assert len(set(chain(added, (0,)))) == 4
