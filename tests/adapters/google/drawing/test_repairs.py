"""Drawing a spreadsheet that people work in: what is damaged comes back, what is theirs stays, all else is silence."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from automation.adapters.config_files import default_tables
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.drawing.drawing import draw
from automation.adapters.google.drawing.present import PresentTab
from automation.base.messages import text
from automation.base.paths import TEMPLATES
from automation.core.admin.planned_tabs import plan_config_tabs
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.mail_kinds import MAIL_TEMPLATES
from automation.core.layout.workbook import plan_workbook
from automation.core.model.layout import (
    CellLook,
    ChartKind,
    ChartLook,
    Colour,
    ColumnLook,
    Format,
    Protection,
    ReviewMark,
    Role,
    TabLook,
)
from automation.core.model.palette import GREEN
from automation.core.model.workbook import Row, Snapshot, Tab
from tests.adapters.google.drawing.test_drawing import for_admin
from tests.emulator import Emulator, Fault, HumanRefused, Spreadsheet
from tests.emulator.human import Human
from tests.workbooks import registry, unit_line

BOT = "bot@example.org"
ADMIN = "admin@example.org"
LAN = "lan@example.org"
MINH = "minh@example.org"
UNIT_TITLE = "BV Hoa Sen"

COLUMNS = (
    ColumnLook(1, "Họ và tên", 26, Format.TEXT, note="Như trên thẻ."),
    ColumnLook(2, "Ngày sinh", 12, Format.DATE),
    ColumnLook(3, "Số CCCD", 16, Format.TEXT),
    ColumnLook(4, "Thẻ", 17, Format.TEXT, choices=("Đã có",), choices_range="'Danh mục'!$B$2:$B$3"),
    ColumnLook(5, "Kết quả", 20, computed=True, wrap=True),
    ColumnLook(6, "Dữ liệu đã xét", 12, computed=True, hidden=True),
)
UNIT = TabLook(
    UNIT_TITLE,
    header_row=3,
    columns=COLUMNS,
    values=(
        (1, 1, "Bệnh viện Hoa Sen"),
        (2, 1, "Ngày quán triệt"),
        *((3, each.column, each.header) for each in COLUMNS),
    ),
    cells=(
        CellLook(1, 1, Role.TITLE, across=4),
        CellLook(2, 1, Role.LABEL),
        CellLook(2, 2, Role.INPUT, Format.DATE, note="Ngày phổ biến văn bản."),
    ),
    row_heights=((1, 30.0),),
    frozen_columns=1,
    protection=Protection.OPEN,
    colours=(Colour(5, "Hoàn thành", "D7EEDD"), Colour(5, "Cần sửa dữ liệu", "F9D7D3")),
    body_rows=30,
    tab_colour=GREEN,
    editors=(LAN,),
    review=ReviewMark(6, (1, 2, 3, 4), (5,), "ab12|"),
)
LISTS = TabLook(
    "Danh mục", 1, (ColumnLook(1, "Danh mục", 20), ColumnLook(2, "Giá trị", 30)), body_rows=20, tab_colour="7F8FA0",
    values=((1, 1, "Danh mục"), (1, 2, "Giá trị"), (2, 2, "Đã có"), (3, 2, "Đã làm, chờ cấp")),
)  # fmt: skip
DASHBOARD = TabLook(
    "Tổng hợp",
    0,
    (ColumnLook(1, "", 44, ink="173F5F"), ColumnLook(2, "", 12, Format.RATE)),
    values=((1, 1, "Tổng hợp"), (3, 1, "Đơn vị"), (3, 2, "Tỷ lệ")),
    cells=(CellLook(1, 1, Role.TITLE, across=2),),
    colours=(Colour(2, "▼", "F9C9C4", begins=True), Colour(2, "✔", "8CB9A3", begins=True)),
    body_rows=20,
    charts=(ChartLook("Tỷ lệ theo đơn vị", ChartKind.BAR, 3, 5, 1, (2,), 1, 4),),
)
LOOKS = (DASHBOARD, LISTS, UNIT)
TOUCHES = ["createDeveloperMetadata", "deleteDeveloperMetadata"] * 2
"""Of the last row and the last column, before something is written that only stands right in a tab as it was read."""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


class Sheet:
    """A spreadsheet and what the bot asked of it."""

    def __init__(self, emulator: Emulator, spreadsheet: Spreadsheet, *, in_brief: bool = False) -> None:
        """`in_brief`: what is there already is known when it is drawn, as in the program; else all is read."""
        self._emulator = emulator
        self._in_brief = in_brief
        self._api = connect(None, emulator.host)
        self.it = spreadsheet
        self.human = spreadsheet.human
        self.remarks: Sequence[str] = ()

    def draw(self, looks: Sequence[TabLook] = LOOKS) -> list[dict[str, Any]]:
        """Draw, and give the requests that it took."""
        start = len(self._emulator.journal)
        there = self.it.book.sheets if self._in_brief else []
        planned = [
            replace(
                look, headers_seen=self._headers(look), filled_rows=self._filled_rows(look) if self._in_brief else 0
            )
            for look in for_admin(looks)
        ]
        known = [PresentTab(each.id, each.title, each.row_count, each.column_count) for each in there]
        self.remarks = draw(self._api, self.it.id, planned, BOT, known).remarks
        records = self._emulator.journal[start:]
        bodies = (json.loads(record.body) for record in records if record.bucket == "write")
        return [each for body in bodies for each in body.get("requests") or ({"values": one} for one in body["data"])]

    def _headers(self, look: TabLook) -> Row:
        rows = self.it.rows(look.title) if look.title in self.it.titles() else []
        return tuple(rows[look.header_row - 1]) if look.header_row and len(rows) >= look.header_row else ()

    def _filled_rows(self, look: TabLook) -> int:
        return len(self.it.rows(look.title)) if self._in_brief and look.title in self.it.titles() else 0

    def repaired(self) -> list[str]:
        """Draw what is missing: the kinds of requests. Doing it again finds nothing left."""
        made = [next(iter(each)) for each in self.draw()]
        assert self.draw() == []
        return made

    def style(self, row: int, column: int) -> dict[str, Any]:
        found: dict[str, Any] = self.it.look(UNIT_TITLE, row, column).format
        return found

    def listed(self, row: int, column: int) -> str:
        """What the dropdown of a cell offers."""
        rule = self.it.look(UNIT_TITLE, row, column).validation or {}
        return str(rule.get("condition", {}).get("values", [{}])[0].get("userEnteredValue", ""))

    @property
    def unit(self) -> int:
        return self.it.sheet_id(UNIT_TITLE)


@pytest.fixture(params=[False, True], ids=["all is read", "in brief"])
def sheet(emulator: Emulator, request: pytest.FixtureRequest) -> Sheet:
    """The spreadsheet once drawn, with two people in the unit's tab."""
    spreadsheet = emulator.new_spreadsheet(editors=(BOT, LAN, MINH), locale="en_US")
    made = Sheet(emulator, spreadsheet, in_brief=request.param)
    made.draw()
    made.human.type(UNIT_TITLE, 4, 1, "Trần Văn An", who=LAN)
    made.human.type(UNIT_TITLE, 5, 1, "Lê Thị Bình", who=LAN)
    return made


# --- a fresh spreadsheet ----------------------------------------------------------------------------------


def test_a_fresh_spreadsheet_becomes_what_the_looks_say(sheet: Sheet) -> None:
    it = sheet.it
    assert it.titles() == ["Tổng hợp", "Danh mục", UNIT_TITLE]
    assert it.book.properties["locale"] == "vi_VN"
    assert it.rows(UNIT_TITLE)[2] == [each.header for each in COLUMNS]
    assert it.rows("Danh mục")[1:] == [[None, "Đã có"], [None, "Đã làm, chờ cấp"]]
    header, date, number = sheet.style(3, 1), sheet.style(9, 2), sheet.style(33, 3)
    assert header["textFormat"]["bold"] is True
    assert (date["numberFormat"], number["numberFormat"]["type"]) == ({"type": "DATE", "pattern": "dd/mm/yyyy"}, "TEXT")
    assert sheet.listed(33, 4) == "='Danh mục'!$B$2:$B$3"
    assert it.look(UNIT_TITLE, 3, 1).note == "Như trên thẻ.\n(TCCB)"
    assert it.width(UNIT_TITLE, 1) == 187
    assert it.is_hidden(UNIT_TITLE, column=6)
    kinds = [each["booleanRule"]["condition"]["type"] for each in it.conditional_formats(UNIT_TITLE)]
    assert kinds == ["CUSTOM_FORMULA", "TEXT_EQ", "TEXT_EQ"]
    kinds = [each["booleanRule"]["condition"]["type"] for each in it.conditional_formats("Tổng hợp")]
    assert kinds == ["TEXT_STARTS_WITH", "TEXT_STARTS_WITH"]
    assert [each["spec"]["title"] for each in it.charts("Tổng hợp")] == ["Tỷ lệ theo đơn vị"]
    frozen = it.sheet(UNIT_TITLE).grid_properties
    assert (frozen["frozenRowCount"], frozen["frozenColumnCount"]) == (3, 1)


def test_charts_of_an_earlier_version_go_and_those_of_people_stay(sheet: Sheet) -> None:
    (ours,) = sheet.it.charts("Tổng hợp")
    theirs = {"spec": ours["spec"] | {"title": "Của chúng tôi"}, "position": ours["position"]}
    sheet.human.request({"addChart": {"chart": theirs}})
    later = replace(DASHBOARD, charts=(), former_charts=("Tỷ lệ theo đơn vị",))
    assert [next(iter(each)) for each in sheet.draw([later])] == ["deleteEmbeddedObject"]
    assert [each["spec"]["title"] for each in sheet.it.charts("Tổng hợp")] == ["Của chúng tôi"]


def test_the_second_time_nothing_is_asked(sheet: Sheet) -> None:
    assert sheet.draw() == []


# --- how much is read -------------------------------------------------------------------------------------


@pytest.fixture
def long(emulator: Emulator) -> Sheet:
    """A unit's tab of 300 rows, 65 of them in use."""
    made = Sheet(emulator, emulator.new_spreadsheet(editors=(BOT, LAN, MINH)), in_brief=True)
    made.draw(LONG)
    made.human.paste(UNIT_TITLE, 4, 1, [["Trần Văn An", 31120, "079085000123", "Đã có"]] * 65, plain=True, who=LAN)
    return made


LONG = (DASHBOARD, LISTS, replace(UNIT, body_rows=300))


def test_what_is_as_it_should_be_takes_two_requests(emulator: Emulator, long: Sheet) -> None:
    start = len(emulator.journal)
    assert long.draw(LONG) == []
    kinds = [record.kind for record in emulator.journal[start:]]
    assert kinds == [":getByDataFilter"] * 2
    assert sum(record.bytes_out for record in emulator.journal[start:]) < 65 * 6 * 110


@pytest.mark.parametrize("rules", [True, False])
@pytest.mark.parametrize("row", [4, 5, 40, 68, 69, 303])
def test_wherever_a_paste_lost_the_formats_they_come_back(
    long: Sheet, monkeypatch: pytest.MonkeyPatch, row: int, rules: bool
) -> None:
    """In a very large spreadsheet validations are not looked at row by row; they come back with the formats."""
    if not rules:
        monkeypatch.setattr("automation.adapters.google.drawing.reading.CELLS_WITH_RULES", 0)
    long.human.paste(UNIT_TITLE, row, 1, [["Lê Bình", 31120, "079085000001", "Đã có"]], who=LAN)
    kinds = [next(iter(each)) for each in long.draw(LONG)]
    assert sorted(set(kinds)) == ["repeatCell", "setDataValidation"]
    assert long.draw(LONG) == []
    assert long.style(row, 3)["numberFormat"]["type"] == "TEXT"


@pytest.mark.parametrize(("column", "is_seen"), [(1, True), (2, False), (3, True), (4, True)])
def test_of_a_very_large_spreadsheet_columns_with_lists_are_left_out(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, column: int, is_seen: bool
) -> None:
    """A word of a list stays that word whatever the number format; digits and dates do not."""
    monkeypatch.setattr("automation.adapters.google.drawing.reading.CELLS_WITH_RULES", 0)
    name, birth, number, card, *ours = COLUMNS
    ordered = (name, replace(card, column=2), replace(birth, column=3), replace(number, column=4), *ours)
    looks = (DASHBOARD, LISTS, replace(LONG[2], columns=ordered, values=((1, 1, "Bệnh viện Hoa Sen"),), cells=()))
    made = Sheet(emulator, emulator.new_spreadsheet(editors=(BOT, LAN, MINH)), in_brief=True)
    made.draw(looks)
    made.human.paste(UNIT_TITLE, 4, 1, [["Lê Bình", "Đã có", 31120, "079085000001"]] * 65, plain=True, who=LAN)
    made.human.paste(UNIT_TITLE, 40, column, [["079085000001"]], who=LAN)
    assert bool(made.draw(looks)) == is_seen
    assert made.draw(looks) == []


def test_a_list_that_is_offered_otherwise_is_changed_in_every_row(long: Sheet) -> None:
    columns = tuple(replace(each, choices_range="'Danh mục'!$B$2:$B$4") if each.choices else each for each in COLUMNS)
    (made,) = long.draw((DASHBOARD, LISTS, replace(LONG[2], columns=columns)))
    assert made["setDataValidation"]["range"]["endRowIndex"] == 303
    assert {long.listed(row, 4) for row in (4, 50, 303)} == {"='Danh mục'!$B$2:$B$4"}


@pytest.mark.parametrize("act", ["delete_tab", "delete_rows", "rename_tab"])
def test_what_people_did_since_tabs_were_last_seen_is_looked_at_again(
    emulator: Emulator, long: Sheet, act: str
) -> None:
    arguments: Mapping[str, tuple[Any, ...]] = {"delete_rows": (100, 303), "rename_tab": ("Khác",)}
    emulator.before(1, lambda: getattr(long.human, act)(UNIT_TITLE, *arguments.get(act, ())))
    drawn = long.draw(LONG)
    if act != "delete_rows":  # what was planned for a tab with a list makes no new one
        assert ([each for each in drawn if "addSheet" in each], UNIT_TITLE in long.remarks[-1]) == ([], True)
        drawn = long.draw(LONG)
    assert drawn
    assert long.draw(LONG) == []
    assert long.it.sheet(UNIT_TITLE).row_count == 303


# --- answers that got lost --------------------------------------------------------------------------------


@pytest.mark.parametrize("request_number", [3, 4, 5])
@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.TRUNCATED_JSON, Fault.INTERNAL_500])
def test_an_answer_that_got_lost_leaves_nothing_twice(emulator: Emulator, fault: Fault, request_number: int) -> None:
    made = Sheet(emulator, emulator.new_spreadsheet(editors=(BOT, LAN, MINH)))
    emulator.fail(request_number, fault)
    made.draw()
    assert made.draw() == []
    assert made.it.titles() == ["Tổng hợp", "Danh mục", UNIT_TITLE]
    assert len(made.it.protections(UNIT_TITLE)) == 2
    assert len(made.it.conditional_formats(UNIT_TITLE)) == 3
    assert len(made.it.charts("Tổng hợp")) == 1


def test_a_digit_string_typed_afterwards_keeps_its_zeros(sheet: Sheet) -> None:
    sheet.human.type(UNIT_TITLE, 4, 3, "079085000123", who=LAN)
    assert sheet.it.cell(UNIT_TITLE, 4, 3) == "079085000123"


def test_each_unit_edits_its_own_tab_alone(sheet: Sheet) -> None:
    sheet.human.type(UNIT_TITLE, 4, 5, "đè lên kết quả", who=LAN)
    for title, who in ((UNIT_TITLE, MINH), ("Danh mục", LAN)):
        with pytest.raises(HumanRefused):
            sheet.human.type(title, 5, 1, "x", who=who)
    sheet.human.type("Danh mục", 5, 1, "x", who=ADMIN)


def test_people_sort_insert_and_delete_their_rows(sheet: Sheet) -> None:
    sheet.human.sort_rows(UNIT_TITLE, 1, 4, 33, who=LAN)
    sheet.human.insert_rows(UNIT_TITLE, 5, 3, who=LAN)
    sheet.human.delete_rows(UNIT_TITLE, 6, who=LAN)
    assert sheet.draw() is not None


# --- damage -----------------------------------------------------------------------------------------------

Harm = Callable[[Sheet], object]


def ask(**request: Any) -> Harm:
    return lambda sheet: sheet.human.request(dict(request))


def protections(sheet: Sheet, title: str) -> list[int]:
    return [each["protectedRangeId"] for each in sheet.it.protections(title)]


def taken_out(sheet: Sheet) -> None:
    number = next(each["protectedRangeId"] for each in sheet.it.protections(UNIT_TITLE) if not each.get("warningOnly"))
    protected = {"protectedRangeId": number, "unprotectedRanges": [unit_range(sheet, 4, 1)]}
    sheet.human.request({"updateProtectedRange": {"protectedRange": protected, "fields": "unprotectedRanges"}})


DAMAGE: Mapping[str, tuple[Harm, list[str]]] = {
    "cells taken out of the protection": (taken_out, ["updateProtectedRange"]),
    "a row pasted over": (
        lambda sheet: sheet.human.paste(UNIT_TITLE, 5, 1, [["Lê Bình", 31120, 79085000001, "Đã có"]], who=LAN),
        ["repeatCell", "repeatCell", "repeatCell", "setDataValidation", "setDataValidation"],
    ),
    "rows pasted over one column": (
        lambda sheet: sheet.human.paste(UNIT_TITLE, 10, 4, [["Đã có"]] * 12, who=LAN),
        ["repeatCell", "setDataValidation"],
    ),
    "a header lost": (lambda sheet: sheet.human.clear(UNIT_TITLE, 3, 2), [*TOUCHES, "updateCells"]),
    "a label lost": (
        lambda sheet: sheet.human.clear(UNIT_TITLE, 2, 1),
        [*TOUCHES, "createDeveloperMetadata", "values"],
    ),
    "headers pasted over": (lambda sheet: sheet.human.paste(UNIT_TITLE, 3, 1, [["Tên", "Sinh"]]), ["repeatCell"]),
    "a note deleted": (lambda sheet: sheet.human.note(UNIT_TITLE, 3, 1, ""), ["updateCells"]),
    "the first conditional format deleted": (
        lambda sheet: sheet.human.request({"deleteConditionalFormatRule": {"sheetId": sheet.unit, "index": 0}}),
        ["addConditionalFormatRule"],
    ),
    "a colour deleted": (
        lambda sheet: sheet.human.request({"deleteConditionalFormatRule": {"sheetId": sheet.unit, "index": 2}}),
        ["addConditionalFormatRule"],
    ),
    "a protection deleted": (
        lambda sheet: sheet.human.request(
            {"deleteProtectedRange": {"protectedRangeId": protections(sheet, "Danh mục")[0]}}
        ),
        ["addProtectedRange"],
    ),
    "the warning deleted": (
        lambda sheet: sheet.human.request(
            {"deleteProtectedRange": {"protectedRangeId": protections(sheet, UNIT_TITLE)[0]}}
        ),
        ["addProtectedRange"],
    ),
    "the chart deleted": (
        lambda sheet: sheet.human.request(
            {"deleteEmbeddedObject": {"objectId": sheet.it.charts("Tổng hợp")[0]["chartId"]}}
        ),
        ["addChart"],
    ),
    "the helper column shown": (
        lambda sheet: sheet.human.request(
            {
                "updateDimensionProperties": {
                    "range": {"sheetId": sheet.unit, "dimension": "COLUMNS", "startIndex": 5, "endIndex": 6},
                    "properties": {"hiddenByUser": False},
                    "fields": "hiddenByUser",
                }
            }
        ),
        ["updateDimensionProperties"],
    ),
    "the title taken apart": (
        lambda sheet: sheet.human.request(
            {"unmergeCells": {"range": {"sheetId": sheet.it.sheet_id("Tổng hợp"), "endRowIndex": 1}}}
        ),
        ["mergeCells"],
    ),
    "rows deleted": (
        lambda sheet: sheet.human.delete_rows(UNIT_TITLE, 20, 29, who=LAN),
        [
            "appendDimension",
            *["repeatCell"] * 5,
            *["setDataValidation"] * 2,
            *["updateConditionalFormatRule"] * 2,
            "deleteConditionalFormatRule",
            "addConditionalFormatRule",
            "updateProtectedRange",
        ],
    ),
    "a tab deleted": (
        lambda sheet: sheet.human.delete_tab("Danh mục"),
        ["addSheet", "updateCells", "updateCells", "repeatCell", "repeatCell", *["updateDimensionProperties"] * 2,
         "addProtectedRange", "createDeveloperMetadata"],
    ),
    "the file set to another language": (
        ask(updateSpreadsheetProperties={"properties": {"locale": "en_US"}, "fields": "locale"}),
        ["updateSpreadsheetProperties"],
    ),
    "nothing frozen any more": (
        lambda sheet: sheet.human.request(
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": sheet.unit, "gridProperties": {}},
                    "fields": "gridProperties.frozenRowCount,gridProperties.frozenColumnCount",
                }
            }
        ),
        ["updateSheetProperties"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("harm", DAMAGE)
def test_what_is_damaged_comes_back_and_nothing_else_is_touched(sheet: Sheet, harm: str) -> None:
    damage, kinds = DAMAGE[harm]
    damage(sheet)
    inputs = [row[:4] for row in sheet.it.rows(UNIT_TITLE)[3:]]
    assert sorted(sheet.repaired()) == sorted(kinds)
    assert [row[:4] for row in sheet.it.rows(UNIT_TITLE)[3:]] == inputs


# What people do in the second in which it comes back: at which write, and how the lines stand then.
MEANWHILE: dict[str, Callable[[Human], None]] = {
    "the first line deleted": lambda human: human.delete_rows(UNIT_TITLE, 1),
    "two lines deleted": lambda human: human.delete_rows(UNIT_TITLE, 1, 2),
    "the line itself deleted": lambda human: human.delete_rows(UNIT_TITLE, 2),
    "a line inserted above": lambda human: human.insert_rows(UNIT_TITLE, 1),
    "a line inserted below": lambda human: human.insert_rows(UNIT_TITLE, 3),
    "a person first of all": lambda human: human.move_rows(UNIT_TITLE, 4, 4, 1),
    "something typed there": lambda human: human.type(UNIT_TITLE, 2, 1, "của tôi"),
    "a column deleted": lambda human: human.delete_columns(UNIT_TITLE, 1),
}
SPOILT: dict[str, Callable[[Human], None]] = {
    "labels": lambda human: human.clear(UNIT_TITLE, 2, 1),
    "a title merged no more": lambda human: human.request(
        {"unmergeCells": {"range": {"sheetId": human.sheet_id(UNIT_TITLE), "startRowIndex": 0, "endRowIndex": 1}}}
    ),
    "a header": lambda human: human.clear(UNIT_TITLE, 3, 2),
}


@pytest.mark.parametrize(
    ("meanwhile", "at_write"),
    [(act, at_write) for act in MEANWHILE for at_write in (1, 2) if (act, at_write) != ("something typed there", 2)],
    # Nothing helps against that: Google writes a cell whatever it holds by then (docs/decisions/0008).
)
@pytest.mark.parametrize("spoilt", SPOILT)
def test_whatever_moves_while_it_comes_back_nothing_of_people_is_met(
    emulator: Emulator, sheet: Sheet, spoilt: str, meanwhile: str, at_write: int
) -> None:
    """All that stands in a twin of the tab, where nothing comes back, stands in the same place."""
    twin = Sheet(emulator, emulator.new_spreadsheet(editors=(BOT, LAN, MINH)))
    twin.draw()
    for each in (twin, sheet):
        each.human.paste(
            UNIT_TITLE, 4, 1, [["Trần Văn An", None, "079085000123", "Đã có"], ["Lê Thị Bình"]], plain=True
        )
        SPOILT[spoilt](each.human)
    act = MEANWHILE[meanwhile]
    act(twin.human)
    writes = itertools.count(1)
    emulator.before(lambda record: record.bucket == "write" and next(writes) == at_write, lambda *_: act(sheet.human))
    sheet.draw()
    emulator.forget_plans()
    if next(writes) <= at_write:
        act(sheet.human)
    found = sheet.it.rows(UNIT_TITLE)
    for row, (was, now) in enumerate(zip(twin.it.rows(UNIT_TITLE), found, strict=False), start=1):
        assert all(cell in (None, other) for cell, other in zip(was, now, strict=False)), (row, was, now)


@pytest.mark.parametrize(
    "there",
    [
        lambda human: human.type(UNIT_TITLE, 2, 1, " "),
        lambda human: human.type(UNIT_TITLE, 2, 4, formula='=IF(B9>0;"x";"")', shows=""),
        lambda human: human.type(UNIT_TITLE, 3, 7, formula='=IF(B9>0;"x";"")', shows=""),
    ],
    ids=["a space", "a formula that shows nothing", "such a header"],
)
def test_what_looks_blank_keeps_no_label_away(sheet: Sheet, there: Callable[[Human], None]) -> None:
    sheet.human.clear(UNIT_TITLE, 2, 1)
    sheet.human.insert_columns(UNIT_TITLE, 6, 2)
    there(sheet.human)
    sheet.draw()
    assert (sheet.it.cell(UNIT_TITLE, 2, 1), sheet.remarks) == ("Ngày quán triệt", ())


def test_an_object_that_google_guards_keeps_one_tab_back_and_no_other(emulator: Emulator, sheet: Sheet) -> None:
    sheet.human.clear("Danh mục", 1, 2)
    sheet.human.clear(UNIT_TITLE, 3, 2)

    def close(*_: object) -> None:
        sheet.human.request({"deleteProtectedRange": {"protectedRangeId": protections(sheet, "Danh mục")[0]}})
        protected = {"range": {"sheetId": sheet.it.sheet_id("Danh mục")}, "editors": {"users": [ADMIN]}}
        sheet.human.request({"addProtectedRange": {"protectedRange": protected}})

    emulator.before(lambda record: record.bucket == "write", close)
    sheet.draw()
    assert sheet.it.cell("Danh mục", 1, 2) is None
    assert sheet.it.cell(UNIT_TITLE, 3, 2) == "Ngày sinh"
    assert len(sheet.remarks) == 1
    assert "Danh mục" in sheet.remarks[0]


def test_a_birthday_pasted_without_its_format_shows_as_a_day_again_and_a_year_stays_a_year(sheet: Sheet) -> None:
    sheet.human.paste(UNIT_TITLE, 4, 2, [[31120], [1985]], who=LAN)
    sheet.draw()
    assert sheet.style(4, 2)["numberFormat"]["type"] == "DATE"
    assert "numberFormat" not in sheet.style(5, 2)


def test_a_dropdown_pasted_into_another_column_goes(sheet: Sheet) -> None:
    source = {"sheetId": sheet.unit, "startRowIndex": 3, "endRowIndex": 4, "startColumnIndex": 3, "endColumnIndex": 4}
    target = {**source, "startColumnIndex": 0, "endColumnIndex": 1}
    sheet.human.request({"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}})
    assert sheet.listed(4, 1)
    assert sheet.repaired() == ["setDataValidation"]
    assert sheet.listed(4, 1) == ""
    assert sheet.listed(4, 4)


# --- what is people's own ---------------------------------------------------------------------------------


def unit_range(sheet: Sheet, row: int, column: int) -> dict[str, int]:
    return {
        "sheetId": sheet.unit,
        "startRowIndex": row - 1,
        "endRowIndex": row,
        "startColumnIndex": column - 1,
        "endColumnIndex": column,
    }


def yellow(sheet: Sheet, row: int, column: int) -> None:
    cell = {"userEnteredFormat": {"backgroundColor": {"red": 1, "green": 1}, "horizontalAlignment": "RIGHT"}}
    fields = "userEnteredFormat.backgroundColor,userEnteredFormat.horizontalAlignment"
    sheet.human.request({"repeatCell": {"range": unit_range(sheet, row, column), "cell": cell, "fields": fields}})


def own_rule(value: str, column: int, index: int) -> Harm:
    def act(sheet: Sheet) -> None:
        rule = {
            "ranges": [unit_range(sheet, 5, column)],
            "booleanRule": {
                "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": value}]},
                "format": {"backgroundColor": {"red": 1}},
            },
        }
        sheet.human.request({"addConditionalFormatRule": {"rule": rule, "index": index}})

    return act


def own_protection(sheet: Sheet) -> None:
    protected = {"range": unit_range(sheet, 4, 1), "description": "của Lan", "warningOnly": True}
    sheet.human.request({"addProtectedRange": {"protectedRange": protected}}, who=LAN)


def own_chart(sheet: Sheet) -> None:
    cells = {"sourceRange": {"sources": [unit_range(sheet, 4, 1)]}}
    spec = {"title": "Của Lan", "basicChart": {"chartType": "LINE", "domains": [{"domain": cells}],
                                               "series": [{"series": cells}]}}  # fmt: skip
    corner = {"anchorCell": {"sheetId": sheet.unit, "rowIndex": 1, "columnIndex": 1}}
    sheet.human.request({"addChart": {"chart": {"spec": spec, "position": {"overlayPosition": corner}}}})


def another_editor(sheet: Sheet) -> None:
    number = next(each["protectedRangeId"] for each in sheet.it.protections(UNIT_TITLE) if not each.get("warningOnly"))
    protected = {"protectedRangeId": number, "editors": {"users": [LAN, ADMIN, BOT, MINH]}}
    sheet.human.request({"updateProtectedRange": {"protectedRange": protected, "fields": "editors"}})


def moved_chart(sheet: Sheet) -> None:
    corner = {"sheetId": sheet.it.sheet_id("Tổng hợp"), "rowIndex": 3, "columnIndex": 3}
    number = sheet.it.charts("Tổng hợp")[0]["chartId"]
    position = {"overlayPosition": {"anchorCell": corner}}
    request = {"objectId": number, "newPosition": position, "fields": "anchorCell"}
    sheet.human.request({"updateEmbeddedObjectPosition": request})


def own_validation(sheet: Sheet) -> None:
    rule = {"condition": {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": "Trần"}]}}
    sheet.human.request({"setDataValidation": {"range": unit_range(sheet, 4, 1), "rule": rule}})


OWN: Mapping[str, Harm] = {
    "a width": lambda sheet: sheet.human.set_width(UNIT_TITLE, 1, 333, who=LAN),
    "a fill and an alignment": lambda sheet: yellow(sheet, 4, 1),
    "a note on a person": lambda sheet: sheet.human.note(UNIT_TITLE, 4, 1, "Đi học đến tháng 6", who=LAN),
    "a note on a header": lambda sheet: sheet.human.note(UNIT_TITLE, 3, 1, "Chị Lan: viết hoa", who=LAN),
    "a conditional format on another column": own_rule("Hoàn thành", 1, 3),
    "a conditional format on the results": own_rule("Chị Lan", 5, 1),
    "a validation where we want none": own_validation,
    "a protected range": own_protection,
    "a chart": own_chart,
    "a chart moved": moved_chart,
    "another editor": another_editor,
    "a row inserted": lambda sheet: sheet.human.insert_rows(UNIT_TITLE, 6, who=LAN),
    "rows sorted": lambda sheet: sheet.human.sort_rows(UNIT_TITLE, 1, 4, 33, who=LAN),
    "a hidden row": lambda sheet: sheet.human.hide_rows(UNIT_TITLE, 4, who=LAN),
    "a tab": lambda sheet: sheet.human.add_tab("Ghi chép", [["của Lan"]]),
    "a tab moved": lambda sheet: sheet.human.move_tab(UNIT_TITLE, 1),
}


@pytest.mark.parametrize("change", OWN)
def test_what_people_made_their_own_stays_without_a_word(sheet: Sheet, change: str) -> None:
    OWN[change](sheet)
    assert sheet.draw() == []


def test_columns_of_people_beside_ours_are_no_concern_of_the_bot(sheet: Sheet) -> None:
    sheet.human.insert_columns(UNIT_TITLE, 7)
    sheet.human.paste(UNIT_TITLE, 3, 7, [["Ghi chú"], ["đủ"], [1985]])
    sheet.human.note(UNIT_TITLE, 3, 7, "của Lan")
    assert sheet.draw() == []
    assert sheet.it.cell(UNIT_TITLE, 3, 7) == "Ghi chú"


def test_a_lost_conditional_format_comes_back_before_those_of_people(sheet: Sheet) -> None:
    own_rule("Chị Lan", 5, 0)(sheet)
    sheet.repaired()
    first, *rest = sheet.it.conditional_formats(UNIT_TITLE)
    assert first["booleanRule"]["condition"]["type"] == "CUSTOM_FORMULA"
    assert "Chị Lan" in json.dumps(rest, ensure_ascii=False)


# --- spreadsheets that were there before ------------------------------------------------------------------


def test_a_sheet_of_people_with_headers_in_row_5_is_dressed_and_keeps_what_it_has(emulator: Emulator) -> None:
    rows: list[list[Any]] = [
        ["BỆNH VIỆN HOA SEN"],
        [],
        [],
        [],
        ["TT", "Họ và tên", "Ghi chú", "Ngày sinh"],
        [1, "An", "x", 31120],
    ]
    made = Sheet(emulator, emulator.new_spreadsheet({UNIT_TITLE: rows}))
    made.human.merge(UNIT_TITLE, 1, 1, 1, 4)
    look = replace(
        UNIT,
        header_row=5,
        columns=(ColumnLook(2, "Họ và tên", 26, Format.TEXT), ColumnLook(4, "Ngày sinh", 12, Format.DATE),
                 ColumnLook(27, "Kết quả", 20, computed=True)),
        values=((5, 27, "Kết quả"),),
        cells=(),
        frozen_columns=2,
        colours=(Colour(27, "Hoàn thành", "D7EEDD"),),
        review=None,
    )  # fmt: skip
    asked = made.draw([look])
    assert made.draw([look]) == []
    assert {each["updateSheetProperties"]["fields"] for each in asked if "updateSheetProperties" in each} == {
        "gridProperties.frozenRowCount,tabColorStyle"
    }
    assert made.it.rows(UNIT_TITLE)[5] == rows[5]
    assert [made.it.width(UNIT_TITLE, column) for column in (2, 4, 27)] == [100, 100, 145]
    assert made.it.sheet_id(UNIT_TITLE) == 0
    assert all(made.it.look(UNIT_TITLE, row, 3).format == {} for row in range(1, 10))


def test_a_tab_that_a_person_keeps_to_herself_is_left_alone_and_named(sheet: Sheet) -> None:
    sheet.human.request({"deleteProtectedRange": {"protectedRangeId": protections(sheet, "Danh mục")[0]}})
    protected = {"range": {"sheetId": sheet.it.sheet_id("Danh mục")}, "editors": {"users": [ADMIN]}}
    sheet.human.request({"addProtectedRange": {"protectedRange": protected}})
    sheet.human.clear("Danh mục", 1, 2)
    sheet.human.clear(UNIT_TITLE, 3, 2)
    assert [next(iter(each)) for each in sheet.draw()] == [*TOUCHES, "updateCells"]
    assert sheet.it.cell("Danh mục", 1, 2) is None
    assert sheet.it.cell(UNIT_TITLE, 3, 2) == "Ngày sinh"
    assert sheet.remarks == (text("google_drawing.closed", account=BOT, tabs="Danh mục"),)


def test_a_copy_of_the_file_whose_protections_were_reset_tells_how_to_let_the_bot_in(sheet: Sheet) -> None:
    number = protections(sheet, "Danh mục")[0]
    protected = {"protectedRangeId": number, "editors": {"users": [ADMIN]}}
    sheet.human.request({"updateProtectedRange": {"protectedRange": protected, "fields": "editors"}})
    assert sheet.draw() == []
    assert "Danh mục" in sheet.remarks[0]


# --- the real workbook ------------------------------------------------------------------------------------


def planned(present: Spreadsheet | None, units: Sequence[Row]) -> tuple[TabLook, ...]:
    """The looks of the shipped configuration, for a spreadsheet as it stands."""
    found = None
    if present is not None:
        found = Snapshot(tuple(Tab(title, title, present.rows(title)) for title in present.titles()))
    config_tabs = plan_config_tabs(found, default_tables(), units)
    config = read_config({title: tab.rows for title, tab in config_tabs.items()})
    assert not isinstance(config, Refused)
    return plan_workbook(found, config, config_tabs, (TEMPLATES / "guide.txt").read_text("utf-8"), MAIL_TEMPLATES)


@pytest.mark.slow
def test_the_shipped_configuration_is_drawn_once(emulator: Emulator) -> None:
    units = registry(unit_line("bv-a", headcount=40, **{"Email đầu mối": LAN}), unit_line("bv-b"))
    made = Sheet(emulator, emulator.new_spreadsheet(editors=(BOT, LAN)))
    first = made.draw(planned(None, units))
    assert made.it.titles() == [*tabs.BOT_TABS, "bv-a", "bv-b"]
    assert len(first) < 1_150
    assert made.draw(planned(made.it, units)) == []
    assert made.remarks == (text("google_drawing.open", tabs="bv-b"),)
    made.human.type("bv-a", 4, 2, "Trần Văn An", who=LAN)
    made.human.clear(tabs.RULES, 3, 2)
    assert [next(iter(each)) for each in made.draw(planned(made.it, units))] == ["updateCells"]
