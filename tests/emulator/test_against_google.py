"""The script that asks the real service, asked of the emulator: it must be able to tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import fields

from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import GoogleApi, connect
from tests.emulator.against_google import FACTS, PROTECTED_TAB, Fact, found_out, line_of, main
from tests.emulator.emulator import Emulator
from tests.emulator.grid import Book
from tests.emulator.readings import Readings
from tests.emulator.spreadsheet import Spreadsheet
from tests.tree import ROOT

BY_NAME = {fact.name: fact for fact in FACTS}
NO_WAITING = Throttle(clock=lambda: 0.0, sleep=lambda _seconds: None)
UNKNOWN = [(fact.name, value) for fact in FACTS for value in fact.expected if hasattr(Readings(), fact.name)]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def sheet(emulator: Emulator) -> Spreadsheet:
    sheet = emulator.new_spreadsheet({"Trang tính1": [], PROTECTED_TAB: []})
    whole = {"sheetId": sheet.sheet_id(PROTECTED_TAB)}
    sheet.human.request({"addProtectedRange": {"protectedRange": {"range": whole}}})
    return sheet


@pytest.fixture
def api(emulator: Emulator) -> GoogleApi:
    return connect(None, emulator.host, throttle=NO_WAITING)


def test_the_emulator_is_what_the_program_leans_on(
    emulator: Emulator, sheet: Spreadsheet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of it, and nothing is left behind."""
    monkeypatch.setenv("SHEETS_EMULATOR_HOST", emulator.host)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    assert main([sheet.url], NO_WAITING) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split(None, 1)[1].split(":")[0] for line in told[: len(FACTS)]] == [fact.name for fact in FACTS]
    assert "not tried" not in "".join(told)
    assert (sheet.titles(), sheet.book.metadata) == (["Trang tính1", PROTECTED_TAB], [])


@pytest.mark.parametrize(("name", "value"), UNKNOWN)
def test_it_tells_which_reading_is_true(
    emulator: Emulator, api: GoogleApi, sheet: Spreadsheet, name: str, value: str
) -> None:
    setattr(emulator.readings, name, value)
    [(fact, found)] = found_out(api, sheet.id, [BY_NAME[name]])
    assert line_of(fact, found) == f"is       {name}: {value}"


def test_it_tells_how_many_filters_may_go_together(emulator: Emulator, api: GoogleApi, sheet: Spreadsheet) -> None:
    emulator.readings.most_filters = 200
    [(_, found)] = found_out(api, sheet.id, [BY_NAME["a thousand filters go into one request"]])
    assert found == "fewer than 500"


def test_it_tells_where_tags_do_not_follow(api: GoogleApi, sheet: Spreadsheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Book, "shift_metadata", lambda *_: None)
    differing = {fact.name for fact, found in found_out(api, sheet.id) if found not in fact.expected}
    assert differing == {name for name in BY_NAME if " follows " in name} | {"a lookup is resolved when it is written"}


def test_what_nobody_expects_is_told() -> None:
    fact = Fact("x", ("a",), lambda _: "")
    assert line_of(fact, "b") == "DIFFERS  x: b (expected a)"


def test_without_a_spreadsheet_it_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "SPREADSHEET" in capsys.readouterr().err


def test_every_reading_is_asked_for() -> None:
    asked = {name for name, _ in UNKNOWN}
    assert {each.name for each in fields(Readings)} == asked | {"most_filters"}


def test_the_page_lists_every_fact() -> None:
    page = (ROOT / "docs" / "decisions" / "0009-facts-of-google.md").read_text("utf-8")
    assert re.findall(r"^\| `?([^`|]+?)`? \|", page, re.MULTILINE)[2:] == [fact.name for fact in FACTS]
