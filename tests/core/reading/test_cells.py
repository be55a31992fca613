"""What people type, and what it is read as."""

from __future__ import annotations

import tracemalloc
import unicodedata
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.judging.lists.digest import inputs_text
from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    UNREADABLE,
    IdentityShape,
    as_text,
    birth_year_of,
    clean,
    fold,
    is_blank,
    is_formula_error,
    is_mail_address,
    looks_like_another,
    read_count,
    read_date,
    read_identity,
    read_number,
    read_phone,
    read_tick,
    renumbered_phone,
    swapped_date,
    wrong_date,
)
from automation.core.reading.comparing import same

PLACES = frozenset({"001", "008", "024", "079", "096"})

HOSTILE_NUMBERS = (float("inf"), float("-inf"), float("nan"), 1e308, -1e308, 10**400, -(10**400), 5e-324)


@pytest.mark.parametrize("number", HOSTILE_NUMBERS)
def test_no_number_makes_reading_raise(number: float) -> None:
    for read in (read_count, read_number, read_date, read_phone, as_text, is_blank, read_tick):
        read(number)
    read_identity(number, PLACES)
    assert not same(number, datetime(2023, 4, 20, 8, 0))
    assert not same(number, 5)
    assert inputs_text([number], [1])


def test_marks_beyond_what_a_letter_bears_are_not_sorted() -> None:
    marked = "a" + "\u0301\u0323" * 16_000
    assert len(as_text(marked)) < 40
    assert len(fold(marked)) <= 1_000


def test_sentences_are_not_kept() -> None:
    """A worker reads its own of months: every change has one, with its moment and its figures."""
    tracemalloc.start()
    try:
        for number in range(40):
            fold(f"số liệu thay đổi lần {number} " + "ở đơn vị này " * 70)
        assert tracemalloc.get_traced_memory()[0] < 50_000
    finally:
        tracemalloc.stop()


def test_a_long_text_without_marks_stays_whole() -> None:
    assert as_text("dài lắm " * 1_000) == ("dài lắm " * 1_000).strip()


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.text(alphabet="0123456789/-. thángăm'+()", max_size=20),
)


@pytest.mark.parametrize(
    ("cell", "blank"),
    [
        (None, True),
        ("", True),
        ("  ", True),
        ("\u00a0\u200b\ufeff", True),  # a no-break or zero-width space is no answer
        ("\u202f\n\t", True),
        (0, False),
        (False, False),
        ("-", False),
    ],
)
def test_blank(cell: Cell, blank: bool) -> None:
    assert is_blank(cell) is blank


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đã có", unicodedata.normalize("NFD", "Đã có")),
        ("Đã có", " đã \u00a0 CÓ\u200b"),
        ("Hòa", "Hoà"),
        ("Thủy", "Thuỷ"),
        ("khỏe", "khoẻ"),
        ("Đặng", "\u00d0ặng"),  # Eth, the look-alike
        ("Đã làm, chờ cấp", "Đã làm ,chờ cấp"),
        ("Mức 1", "Mức\u00a01"),
        ("A - B", "A – B"),
    ],
)
def test_spellings_that_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_different_words_stay_different() -> None:
    assert len({fold(word) for word in ("má", "mà", "ma", "mã", "mạ", "mả", "Da", "Đa")}) == 8


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (79085000123.0, "79085000123"),
        (1.5, "1.5"),
        (True, "TRUE"),
        (datetime(2023, 4, 20), "20/04/2023"),
        (datetime(2023, 4, 20, 8, 5), "20/04/2023 08:05"),
        (date(2023, 4, 20), "20/04/2023"),
        (time(8, 5), "08:05"),
        (" Nguyễn \n An ", "Nguyễn An"),
    ],
)
def test_as_text(cell: Cell, text: str) -> None:
    assert as_text(cell) == text


BIRTHDAY = date(1985, 3, 15)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (datetime(1985, 3, 15), BIRTHDAY),
        (datetime(1985, 3, 15, 13, 30), BIRTHDAY),
        (date(1985, 3, 15), BIRTHDAY),
        (31121, BIRTHDAY),  # serial number
        (31121.75, BIRTHDAY),
        ("31121", BIRTHDAY),
        ("15/03/1985", BIRTHDAY),
        ("15/3/1985", BIRTHDAY),
        ("15-03-1985", BIRTHDAY),
        ("15.03.1985", BIRTHDAY),
        (" 15 / 03 / 1985 ", BIRTHDAY),
        ("15 03 1985", BIRTHDAY),
        ("15\u00a0/03/1985\u200b", BIRTHDAY),
        ("１５/０３/１９８５", BIRTHDAY),  # full-width digits
        ("'15/03/1985", BIRTHDAY),
        ("15–03–1985", BIRTHDAY),
        ("1985-03-15", BIRTHDAY),
        ("1985/3/15", BIRTHDAY),
        ("1985-03-15T00:00:00", BIRTHDAY),
        ("15/03/1985 00:00:00", BIRTHDAY),
        ("15/03/1985 8h30", BIRTHDAY),
        ("15-03-85", BIRTHDAY),  # dd-mm-yy, the spreadsheets' convention
        ("5/3/08", date(2008, 3, 5)),
        ("01/02/29", date(2029, 2, 1)),
        ("01/02/30", date(1930, 2, 1)),
        ("15031985", BIRTHDAY),
        (15031985, BIRTHDAY),
        ("19850315", BIRTHDAY),
        ("ngày 15 tháng 3 năm 1985", BIRTHDAY),
        (unicodedata.normalize("NFD", "15 tháng 03, 1985"), BIRTHDAY),
        ("29/02/2024", date(2024, 2, 29)),
        ("11/04/2023", date(2023, 4, 11)),  # 11 April, never 4 November
        (None, None),
        ("", None),
        ("\u00a0", None),
        ("31/02/1990", UNREADABLE),
        ("29/02/2023", UNREADABLE),
        ("03/15/1985", UNREADABLE),  # no exchange of day and month
        ("1985", UNREADABLE),  # a year alone
        (1985, UNREADABLE),
        ("00/00/0000", UNREADABLE),
        ("15/03", UNREADABLE),
        ("hôm qua", UNREADABLE),
        ("#REF!", UNREADABLE),
        (True, UNREADABLE),
        (time(8, 0), UNREADABLE),
        (-5, UNREADABLE),
        (1e300, UNREADABLE),
        ("99/99/9999", UNREADABLE),
    ],
)
def test_read_date(cell: Cell, day: object) -> None:
    assert read_date(cell) == day


@pytest.mark.parametrize(
    ("cell", "day"), [("03/15/1985", BIRTHDAY), ("3-15-85", BIRTHDAY), ("31/02/1990", None), (5, None)]
)
def test_swapped_date(cell: Cell, day: date | None) -> None:
    assert swapped_date(cell) == day


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)), st.sampled_from(["/", "-", ".", " "]))
def test_every_written_form_of_a_day_is_that_day(day: date, mark: str) -> None:
    assert read_date(day.strftime(f"%d{mark}%m{mark}%Y")) == day
    assert read_date(f"{day.day}{mark}{day.month}{mark}{day.year}") == day
    assert read_date(f"{day.day}{mark}{day.month}{mark}{day.year % 100:02}") == day
    assert read_date((day - date(1899, 12, 30)).days) == day
    assert read_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("cell", "shape", "number"),
    [
        ("079085000123", IdentityShape.FULL, "079085000123"),
        ("079 085 000 123", IdentityShape.FULL, "079085000123"),
        ("079.085.000.123", IdentityShape.FULL, "079085000123"),
        ("079-085-000-123", IdentityShape.FULL, "079085000123"),
        ("'079085000123", IdentityShape.FULL, "079085000123"),
        ("079085000123\u200b", IdentityShape.FULL, "079085000123"),
        ("０７９０８５０００１２３", IdentityShape.FULL, "079085000123"),
        (790850001234, IdentityShape.FULL, "790850001234"),
        (79085000123, IdentityShape.LOST_ZERO, "079085000123"),
        (79085000123.0, IdentityShape.LOST_ZERO, "079085000123"),
        ("79085000123.0", IdentityShape.LOST_ZERO, "079085000123"),
        (1085000123, IdentityShape.LOST_ZERO, "001085000123"),
        (8085000123, IdentityShape.LOST_ZERO, "008085000123"),
        (9085000123, IdentityShape.WRONG, ""),  # 009 is no place
        ("0790850001", IdentityShape.WRONG, ""),  # 10 digits with the zero there: 000...
        (99085000123, IdentityShape.WRONG, ""),  # 099 is no place
        ("023456789", IdentityShape.OLD_CARD, ""),
        (234567891, IdentityShape.OLD_CARD, ""),
        (23456789, IdentityShape.WRONG, ""),
        ("7.9085E+10", IdentityShape.WRONG, ""),
        ("07908500012A", IdentityShape.WRONG, ""),
        ("không có", IdentityShape.WRONG, ""),
        ("0790850001234", IdentityShape.WRONG, ""),
        ("#N/A", IdentityShape.WRONG, ""),
        (79085000123.5, IdentityShape.WRONG, ""),  # no twelfth digit
        (7908500012.25, IdentityShape.WRONG, ""),
    ],
)
def test_read_identity(cell: Cell, shape: IdentityShape, number: str) -> None:
    read = read_identity(cell, PLACES)
    assert read is not None
    assert (read.shape, read.number) == (shape, number)


def test_a_blank_number_is_none() -> None:
    assert read_identity(" \u00a0", PLACES) is None


@pytest.mark.parametrize(
    ("number", "year"),
    [("079085000123", 1985), ("079185000123", 1985), ("079201000123", 2001), ("079395000123", 2095)],
)
def test_birth_year_of(number: str, year: int) -> None:
    assert birth_year_of(number) == year


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("0900000123", "0900000123"),
        (900000123, "0900000123"),  # the spreadsheet took the zero
        ("+84 900 000 123", "0900000123"),
        ("(+84) 900 000 123", "0900000123"),
        ("(+84)28 3930 0000", "02839300000"),
        ("84900000123", "0900000123"),
        ("0084900000123", "0900000123"),
        ("0900.000.123", "0900000123"),
        ("(028) 3930 0000", "02839300000"),
        (2839300000, "02839300000"),
        ("12345", UNREADABLE),
        ("113", UNREADABLE),
        ("01620000123", UNREADABLE),
        ("0900ABCDEF", UNREADABLE),
        ("+1 202 555 0123", UNREADABLE),
        ("0900000123 / 0900000124", UNREADABLE),
        ("#VALUE!", UNREADABLE),
        ("", None),
    ],
)
def test_read_phone(cell: Cell, phone: object) -> None:
    assert read_phone(cell) == phone


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("01620000123", "0320000123"),
        (1620000123, "0320000123"),
        ("01990000123", "0590000123"),
        ("0123", None),
    ],
)
def test_renumbered_phone(cell: Cell, phone: str | None) -> None:
    assert renumbered_phone(cell) == phone


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (1497, 1497),
        (1497.0, 1497),
        ("1.497", 1497),
        ("1 497 người", 1497),
        ("1497", 1497),
        ("0", 0),
        (None, None),
        (-3, UNREADABLE),
        (1.5, UNREADABLE),
        ("khoảng 500", UNREADABLE),
        (True, UNREADABLE),
    ],
)
def test_read_count(cell: Cell, count: object) -> None:
    assert read_count(cell) == count


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,5", 1.5), ("1.5", 1.5), ("1.497,5", 1497.5), (3, 3.0), ("a", UNREADABLE), ("", None)],
)
def test_read_number(cell: Cell, number: object) -> None:
    assert read_number(cell) == number


@pytest.mark.parametrize("cell", [True, "x", "X", "có", "TRUE", "✓", 1, "Rồi"])
def test_ticked(cell: Cell) -> None:
    assert read_tick(cell)


@pytest.mark.parametrize("cell", [False, None, "", "không", 0, "chưa", "#REF!"])
def test_not_ticked(cell: Cell) -> None:
    assert not read_tick(cell)


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("#REF!", True),
        ("#N/A (Không tìm thấy)", True),
        ("Err:502", True),
        ("#1", False),
        (5, False),
        ("Lỗi", False),
    ],
)
def test_formula_errors(cell: Cell, error: bool) -> None:
    assert is_formula_error(cell) is error


@given(CELLS)
def test_no_cell_raises(cell: Cell) -> None:
    assert clean(as_text(cell)) == as_text(cell)
    for read in (read_date, read_count, read_number, read_phone, read_tick, swapped_date, wrong_date, renumbered_phone):
        read(cell)
    read_identity(cell, PLACES)
    assert fold(fold(as_text(cell))) == fold(as_text(cell))


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("a@example.org", True),
        ("a.b+c_d@mail-1.example.org", True),
        ("a@bệnhviện.vn", True),
        ("bệnhviện@example.org", False),
        ("a..b@example.org", False),
        (".a@example.org", False),
        ("a@example", False),
        ("a@-example.org", False),
        ("a@example..org", False),
        ("a@ex ample.org", False),
        ("Lan <a@example.org>", False),
        ("a" * 250 + "@example.org", False),
        ("a@" + "b" * 64 + ".org", False),
        ("", False),
    ],
)
def test_mail_addresses(typed: str, is_one: bool) -> None:
    assert is_mail_address(typed) is is_one


@pytest.mark.parametrize(
    ("address", "does"),
    [
        ("a@example.org", False),
        ("A.B@Mail-1.Example.ORG", False),
        ("a@bệnhviện.vn", False),
        ("a@xn--bnhvin-0x7ba.vn", False),
        ("a@\u0435\u0445\u0430mple.org", True),  # Cyrillic е, х, а
        ("a@\u043f\u0440\u0438\u043c\u0435\u0440.example", True),
        ("a@xn--e1afmkfd.example", True),
        ("a@xn--mple-43d5a8c.org", True),
        ("a@fa\u00df.example", True),
        ("a@\uff45xample.org", True),
        ("a@xn--\u00e9.org", True),
    ],
)
def test_domains_that_look_like_others(address: str, does: bool) -> None:
    assert looks_like_another(address) is does
