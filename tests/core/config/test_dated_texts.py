"""Texts of `Cấu hình` that change on a day: how they are read, and which one holds when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.config_files import default_tables
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.dated_texts import ALWAYS, DatedText, Mistake, read_dated_text
from automation.core.config.values import Config
from automation.core.layout.guide import read_guide
from automation.core.model.workbook import ConfigTables
from automation.core.reading.cells import as_text
from tests.core.facts import table_with

MARCH, JULY = date(2025, 3, 1), date(2025, 7, 1)


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("", {ALWAYS: ""}),
        ("Công an quận", {ALWAYS: "Công an quận"}),
        ("Công an quận\ntừ 01/03/2025: Công an xã", {ALWAYS: "Công an quận", MARCH: "Công an xã"}),
        ("Công an quận | từ 01/03/2025: Công an xã", {ALWAYS: "Công an quận", MARCH: "Công an xã"}),
        ("Công an quận\r\n  Từ  ngày 1/3/2025 :Công an xã ", {ALWAYS: "Công an quận", MARCH: "Công an xã"}),
        ("từ 2025-03-01: a", {ALWAYS: "", MARCH: "a"}),
        ("từ 01/07/2025: b\ntừ 01.03.25: a\nhai dòng", {ALWAYS: "", MARCH: "a hai dòng", JULY: "b"}),
        ("từ 8 giờ đến 17 giờ", {ALWAYS: "từ 8 giờ đến 17 giờ"}),
        ("Gọi từ 01/03/2025: bàn 1", {ALWAYS: "Gọi từ 01/03/2025: bàn 1"}),  # not at the beginning of a line
        ("a | b\nc", {ALWAYS: "a | b c"}),
    ],
)
def test_what_holds_from_which_day_on(typed: str, texts: dict[date, str]) -> None:
    assert read_dated_text(typed) == DatedText(tuple(texts.items()))


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("a\ntừ 31/02/2025: b", "day"),
        ("a\ntừ 01/13/2025: b", "day"),
        ("a\ntừ 1/3: b", "day"),
        ("a\ntừ 01/03/2025 b", "text"),
        ("a\ntừ 01/03/2025:", "text"),
        ("a\ntừ 01/03/2025:\ntừ 01/07/2025: b", "text"),
        ("a\ntừ 01/03/2025: b\ntừ ngày 1/3/2025: c", "repeated"),
    ],
)
def test_mistakes(typed: str, key: str) -> None:
    found = read_dated_text(typed)
    assert isinstance(found, Mistake)
    assert found.key == key


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2023, 4, 20), "a"),
        (MARCH - timedelta(days=1), "a"),
        (MARCH, "b"),
        (JULY - timedelta(days=1), "b"),
        (JULY, "c"),
        (date(2030, 1, 1), "c"),
    ],
)
def test_the_text_of_a_day(day: date, text: str) -> None:
    found = read_dated_text("a\ntừ 01/07/2025: c\ntừ 01/03/2025: b")
    assert isinstance(found, DatedText)
    assert found.on(day) == text


PIECES = st.lists(st.sampled_from(["từ ", "01/03/2025", "1/3", ":", "\n", "|", " ", "Công an", "ngày "]) | st.text())


@given(PIECES)
def test_any_text_is_read_or_told_of(pieces: list[str]) -> None:
    typed = "".join(pieces)
    found = read_dated_text(typed)
    if isinstance(found, DatedText) and not found.days:
        assert found.on(MARCH) == as_text(typed)


# --- in the configuration ---------------------------------------------------------------------------------


def tables_with(**settings: str) -> ConfigTables:
    rows = default_tables()[tabs.SETTINGS]
    for name, value in settings.items():
        rows = [[row[0], value, *row[2:]] if row[0] == name.replace("_", " ") else row for row in rows]
    return {**default_tables(), tabs.SETTINGS: rows}


def accepted(tables: ConfigTables) -> Config:
    read = read_config(tables)
    assert isinstance(read, Config), read
    return read


@pytest.mark.parametrize(
    ("day", "says", "no_more"),
    [
        (date(2023, 4, 20), "quận, huyện", "đặc khu"),
        (date(2025, 2, 28), "quận, huyện", "đặc khu"),
        (date(2025, 3, 1), "phường, xã, thị trấn", "quận, huyện"),
        (date(2025, 7, 1), "phường, xã, đặc khu", "thị trấn"),
    ],
)
def test_the_shipped_places_follow_the_reorganisations(day: date, says: str, no_more: str) -> None:
    """District police ended on 01/03/2025, districts and townships on 01/07/2025."""
    config = read_config(default_tables())
    assert isinstance(config, Config)
    todos = {status.code: status.todo for status in config.on(day).statuses}
    for code in ("doi-the", "chua-co-the", "chua-du-muc"):
        assert says in todos[code]
        assert no_more not in todos[code]


def test_contacts_next_steps_and_the_guide_say_what_holds_that_day() -> None:
    config = accepted(
        tables_with(
            Liên_hệ_Công_an="Phòng A\ntừ 01/07/2025: Phòng B",
            Nơi_làm_thẻ="Công an quận\ntừ 01/03/2025: Công an xã",
        )
    )
    days = (MARCH - timedelta(days=1), MARCH, JULY)
    assert [config.on(day).settings.police_contact for day in days] == ["Phòng A", "Phòng A", "Phòng B"]
    todos = [next(each.todo for each in config.on(day).statuses if each.code == "chua-co-the") for day in days]
    assert ["Công an quận" in todo for todo in todos] == [True, False, False]
    assert ["Công an xã" in todo for todo in todos] == [False, True, True]
    told = [" ".join(line.explanation for line in read_guide("Nơi | [Nơi làm thẻ]", config.on(day))) for day in days]
    assert told == ["Công an quận", "Công an xã", "Công an xã"]


def test_a_mistake_is_told_beside_its_cell() -> None:
    read = read_config(tables_with(Liên_hệ_Công_an="Phòng A\ntừ 31/02/2025: Phòng B"))
    assert isinstance(read, Refused)
    (problem,) = read.problems
    assert problem.what == "Không đọc được ngày ở “từ 31/02/2025: Phòng B”."
    assert problem.place is not None
    assert (problem.place.tab, problem.place.column) == (tabs.SETTINGS, 2)


def test_what_will_only_be_wrong_later_is_told_now() -> None:
    statuses = table_with(tabs.STATUSES, ("Mã", "chua-co-the"), Việc_cần_làm="[Nơi làm thẻ] " * 3)
    long_then = tables_with(Nơi_làm_thẻ=f"Công an quận\ntừ 01/03/2025: {'Công an xã, phường ' * 40}")
    read = read_config({**long_then, tabs.STATUSES: statuses})
    assert isinstance(read, Refused)
    assert [problem.place.tab for problem in read.problems if problem.place] == [tabs.STATUSES]


@pytest.mark.parametrize("name", ["Tên chiến dịch", "Hạn hoàn thành", "Mở đầu thư nhac-viec"])
def test_what_is_no_text_to_pass_on_has_no_days(name: str) -> None:
    read = read_config(tables_with(**{name: "a\ntừ 31/02/2025: b"}))
    said = [problem.what for problem in read.problems] if isinstance(read, Refused) else []
    assert not any(what.startswith("Không đọc được ngày") for what in said)
