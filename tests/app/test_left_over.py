"""A field that is switched off while its values still stand in the units' tabs: told, once, and never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.mailing import Mailing
from automation.core.config import tabs
from automation.core.figures.admin_tasks import admin_figures
from automation.core.judging.judging import judge
from automation.core.judging.left_over import LeftOver, left_over_problems
from automation.core.model.mail import Mail
from automation.core.model.workbook import Cell, Row, Snapshot, Tab
from tests.core.facts import table_with
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import NOW, SOUND, config_with, headers_of, unit_line

UNITS = [{**unit_line(code, headcount=2), "Email đầu mối": f"{code}@example.org"} for code in ("mot", "hai")]
HEADERS = headers_of(config_with(UNITS))
NUMBER, PHONE = "079085000123", "0900000123"
THURSDAY = datetime(2023, 4, 20, 8, 0)

Person = Mapping[str, Cell]


def fields(*switched_off: str) -> list[Row]:
    rows: list[Row] = list(default_tables()[tabs.FIELDS])
    used = tabs.HEADERS[tabs.FIELDS].index("Dùng")
    return [[*row[:used], "Không", *row[used + 1 :]] if row[0] in switched_off else row for row in rows]


def unit(people: Sequence[Person], headers: Sequence[str] = HEADERS) -> list[Row]:
    return [[], [], list(headers), *([person.get(header) for header in HEADERS] for person in people)]


def found(rows: Mapping[str, list[Row]], *switched_off: str) -> tuple[LeftOver, ...]:
    config = config_with(UNITS, **{tabs.FIELDS: fields(*switched_off)})
    return judge(Snapshot(tuple(Tab(title, title, each) for title, each in rows.items())), config, {}, NOW).left_over


RENAMED = ["CCCD" if header == "Số CCCD" else header for header in HEADERS]


@pytest.mark.parametrize(
    ("rows", "switched_off", "expected"),
    [
        ({"mot": unit([SOUND]), "hai": unit([SOUND])}, (), ()),
        (
            {"mot": unit([SOUND]), "hai": unit([SOUND, SOUND])},
            ("cccd",),
            (LeftOver("cccd", "Số CCCD", (("hai", 2), ("mot", 1))),),
        ),
        (  # under another of its names
            {"mot": unit([SOUND], RENAMED), "hai": unit([])},
            ("cccd",),
            (LeftOver("cccd", "Số CCCD", (("mot", 1),)),),
        ),
        ({"mot": unit([{**SOUND, "Số CCCD": None}]), "hai": unit([{**SOUND, "Số CCCD": " "}])}, ("cccd",), ()),
        (
            {"mot": unit([{**SOUND, "Điện thoại": PHONE}]), "hai": unit([])},
            ("dien-thoai", "cccd"),
            (LeftOver("cccd", "Số CCCD", (("mot", 1),)), LeftOver("dien-thoai", "Điện thoại", (("mot", 1),))),
        ),
    ],
)
def test_values_are_counted_by_tab(
    rows: Mapping[str, list[Row]], switched_off: tuple[str, ...], expected: tuple[LeftOver, ...]
) -> None:
    assert found(rows, *switched_off) == expected


def test_the_sentence_names_tabs_and_counts() -> None:
    tabs_there = tuple((f"Trang {number}", 1_200 - number) for number in range(25))
    (problem,) = left_over_problems([LeftOver("cccd", "Số CCCD", tabs_there)])
    assert problem.where == "Trang “Cột dữ liệu”, cột Số CCCD"
    assert "còn 29.700 giá trị" in problem.what
    assert "“Trang 0” (1.200), “Trang 1” (1.199)" in problem.what
    assert "và 5 trang khác" in problem.what
    assert (problem.needs_person, problem.told_once) == (False, True)


# --- over some cycles -------------------------------------------------------------------------------------


def book_with(*switched_off: str) -> MemoryWorkbook:
    registry = [*tabs.HEADERS[tabs.REGISTRY], *tabs.REGISTRY_COMPUTED]
    rows: dict[str, Sequence[Row]] = {**default_tables(), tabs.FIELDS: fields(*switched_off)}
    rows |= {tabs.REGISTRY: [registry, *([line.get(h) for h in registry] for line in UNITS)]}
    rows |= {tabs.SETTINGS: table_with(tabs.SETTINGS, ("Mục", "Email quản trị"), Giá_trị="quan-tri@example.org")}
    rows |= {tabs.DASHBOARD: [], tabs.HISTORY: [tabs.HEADERS[tabs.HISTORY]], tabs.JOURNAL: [tabs.HEADERS[tabs.JOURNAL]]}
    rows |= {"mot": unit([SOUND]), "hai": unit([SOUND, SOUND])}
    return MemoryWorkbook(rows, address="so.xlsx")


def cycle(book: MemoryWorkbook, store: MemoryStore, days: int) -> tuple[CycleReport, list[Mail]]:
    transport = RecordingTransport()
    clock = standing_clock(THURSDAY + timedelta(days=days))
    return run_cycle(book, store, Mailing(MailWriter(), transport), clock), transport.sent


def told(book: MemoryWorkbook) -> list[str]:
    return [str(line[3]) for line in book.rows(tabs.JOURNAL)[1:] if "cột Số CCCD" in str(line[2])]


def test_it_is_told_once_in_the_journal_and_to_the_admin() -> None:
    book, store = book_with("cccd"), MemoryStore()
    mails: list[Mail] = []
    for day in (0, 1, 4):
        report, sent = cycle(book, store, day)
        mails += sent
        assert any("cột Số CCCD" in problem.where for problem in report.problems)
        book.type("hai", 5, HEADERS.index("Số CCCD") + 1, None)  # some are cleared: no news
    assert len(told(book)) == 1
    to_admin = [mail for mail in mails if mail.kind == "cot-da-tat"]
    assert len(to_admin) == 1
    assert "quan-tri@example.org" in to_admin[0].text  # mails are on trial, and say whom they are meant for
    assert "còn 3 giá trị" in to_admin[0].text
    everything = told(book) + [part for mail in to_admin for part in (mail.subject, mail.text, mail.html)]
    assert not any(NUMBER in each or str(SOUND["Họ và tên"]) in each for each in everything)


def test_another_field_is_news() -> None:
    book, store = book_with("cccd"), MemoryStore()
    cycle(book, store, 0)
    book.replace_rows(tabs.FIELDS, fields("cccd", "ngay-sinh"))
    _, sent = cycle(book, store, 1)
    assert [mail.kind for mail in sent if mail.kind == "cot-da-tat"] == ["cot-da-tat"]


def test_the_mail_of_what_waits_for_the_admin_does_not_repeat_it() -> None:
    config = config_with(UNITS, **{tabs.FIELDS: fields("cccd")})
    judged = judge(Snapshot((Tab("mot", "mot", unit([SOUND])), Tab("hai", "hai", unit([])))), config, {}, NOW)
    assert judged.left_over
    assert not any("Số CCCD" in problem.where for problem in admin_figures(judged, (), "").others)
