"""Facts about what people do, and what protections keep them and programs from (sections 3.6, 4.3, 8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.emulator.calls import Caller, error_text
from tests.emulator.cells import Cell
from tests.emulator.emulator import NOBODY, Emulator
from tests.emulator.human import HumanRefused
from tests.emulator.refusals import Json
from tests.emulator.spreadsheet import Spreadsheet
from tests.emulator.work import PROTECTED

UNIT = "unit@example.org"
ROWS = [["Tên", "Kết quả"], ["a", "đạt"], ["b", "chưa"]]


def shared(emulator: Emulator, *protections: Json, locale: str = "vi_VN") -> Spreadsheet:
    """A file of admin@example.org with two editors, and what the admin protected."""
    sheet = emulator.new_spreadsheet({"T": ROWS, "U": []}, editors=[NOBODY, UNIT], locale=locale, rows=10, columns=4)
    for protection in protections:
        sheet.human.request({"addProtectedRange": {"protectedRange": protection}})
    return sheet


def column(index: int, **more: Any) -> Json:
    return {"range": {"sheetId": 0, "startColumnIndex": index, "endColumnIndex": index + 1}, **more}


RESULTS = column(1)
RESULTS_OF_BOT = column(1, editors={"users": [NOBODY]})
WHOLE = {"range": {"sheetId": 0}}
WHOLE_BUT_NAMES = {**WHOLE, "unprotectedRanges": [column(0)["range"]]}
WARNING = column(1, warningOnly=True)

MAY: list[tuple[Json | None, str, int, bool]] = [
    # protection, who types, into which column, whether that works
    (None, UNIT, 2, True),
    (RESULTS, UNIT, 2, False),
    (RESULTS, UNIT, 1, True),
    (RESULTS, "admin@example.org", 2, True),
    (RESULTS_OF_BOT, NOBODY, 2, True),
    (RESULTS_OF_BOT, UNIT, 2, False),
    (WARNING, UNIT, 2, True),
    (WHOLE, UNIT, 3, False),
    (WHOLE_BUT_NAMES, UNIT, 1, True),
    (WHOLE_BUT_NAMES, UNIT, 2, False),
    ({**WHOLE, "unprotectedRanges": [column(0)["range"], column(2)["range"]]}, UNIT, 3, True),
    (column(1, editors={"domainUsersCanEdit": True}), UNIT, 2, True),
]


@pytest.mark.parametrize(("protection", "who", "place", "works"), MAY)
def test_who_may_type_where(emulator: Emulator, protection: Json | None, who: str, place: int, works: bool) -> None:
    sheet = shared(emulator, *([protection] if protection else []))
    before = sheet.cell("T", 2, place)
    if works:
        sheet.human.type("T", 2, place, "mới", who=who)
    else:
        with pytest.raises(HumanRefused):
            sheet.human.type("T", 2, place, "mới", who=who)
    assert sheet.cell("T", 2, place) == ("mới" if works else before)


@pytest.mark.parametrize(
    ("act", "arguments"),
    [
        ("insert_rows", (2,)),
        ("delete_rows", (2,)),
        ("sort_rows", (1, 2, 3)),
        ("paste", (2, 1, [["x", "y"]])),
        ("clear", (2, 2)),
        ("delete_columns", (2,)),
        ("delete_tab", ()),
    ],
)
def test_a_protected_column_in_the_block_stops_other_editors(emulator: Emulator, act: str, arguments: Any) -> None:
    """R 4.3"""
    sheet = shared(emulator, RESULTS)
    with pytest.raises(HumanRefused):
        getattr(sheet.human, act)("T", *arguments, who=UNIT)
    assert sheet.rows("T") == ROWS


def test_two_open_ranges_side_by_side_are_open_together(emulator: Emulator) -> None:
    """I"""
    sheet = shared(emulator, {**WHOLE, "unprotectedRanges": [column(0)["range"], column(1)["range"]]})
    sheet.human.paste("T", 2, 1, [["x", "y"]], who=UNIT)
    assert sheet.rows("T")[1] == ["x", "y"]
    with pytest.raises(HumanRefused):
        sheet.human.paste("T", 2, 2, [["x", "y"]], who=UNIT)


WRITE: Json = {"values": [["x", "y"]]}


@pytest.mark.parametrize("locale", ["vi_VN", "en_US"])
def test_a_program_that_is_no_editor_gets_400_in_the_files_language(emulator: Emulator, locale: str) -> None:
    """R 3.6: one protected cell fails the whole batch"""
    sheet = shared(emulator, RESULTS, locale=locale)
    caller = Caller(emulator, sheet)
    response = caller.send("PUT", "/values/A2", json=WRITE, params={"valueInputOption": "RAW"})
    assert response.status_code == 400
    assert error_text(response.json()) == PROTECTED[locale[:2]]
    cells = {"start": {"rowIndex": 1, "columnIndex": 1}, "rows": [{"values": [{}]}], "fields": "userEnteredValue"}
    other = {"addSheet": {"properties": {"title": "Mới"}}}
    text = caller.refusal(other, {"updateCells": cells})
    assert text == f"Invalid requests[1].updateCells: {PROTECTED[locale[:2]]}"
    assert (sheet.rows("T"), sheet.titles()) == (ROWS, ["T", "U"])


def test_a_listed_program_may_write(emulator: Emulator) -> None:
    sheet = shared(emulator, RESULTS_OF_BOT)
    Caller(emulator, sheet).put("/values/A2", WRITE, valueInputOption="RAW")
    assert sheet.rows("T")[1] == ["x", "y"]


def test_whoever_adds_a_protection_stays_able_to_edit(emulator: Emulator) -> None:
    """R 4.3; C: the reply shows what was sent, the next read who may edit; others do not see the editors (D)"""
    sheet = shared(emulator)
    caller = Caller(emulator, sheet)
    editors: Json = {"users": [], "groups": []}
    protection = {**RESULTS, "description": None, "requestingUserCanEdit": False, "editors": editors}
    reply = caller.batch({"addProtectedRange": {"protectedRange": protection}})["replies"][0]["addProtectedRange"]
    assert reply["protectedRange"]["editors"] == {}
    assert reply["protectedRange"]["requestingUserCanEdit"] is True
    caller.put("/values/A2", WRITE, valueInputOption="RAW")
    (shown,) = caller.get(fields="sheets.protectedRanges")["sheets"][0]["protectedRanges"]
    assert shown["editors"] == {"users": ["admin@example.org", NOBODY]}
    assert shown["range"] == {"startColumnIndex": 1, "endColumnIndex": 2}
    sheet.human.request({"deleteProtectedRange": {"protectedRangeId": shown["protectedRangeId"]}})
    sheet.human.request({"addProtectedRange": {"protectedRange": RESULTS}})
    (hidden,) = caller.get(fields="sheets.protectedRanges")["sheets"][0]["protectedRanges"]
    assert "editors" not in hidden
    assert "requestingUserCanEdit" not in hidden


@pytest.mark.parametrize(
    ("protection", "text"),
    [
        (WHOLE, 'Sheet "T" already has sheet protection.'),  # R 4.3
        ({**WARNING, "editors": {"users": [UNIT]}}, "ProtectedRange is warningOnly. Editors cannot be set on it."),
        (
            {**RESULTS, "unprotectedRanges": [column(0)["range"]]},
            "ProtectedRange.unprotectedRanges is only supported for sheet protection.",
        ),
    ],
)
def test_a_bad_protection_is_refused(emulator: Emulator, protection: Json, text: str) -> None:
    caller = Caller(emulator, shared(emulator, {**WHOLE, "editors": {"users": [NOBODY]}}))
    request = {"addProtectedRange": {"protectedRange": protection}}
    assert caller.refusal(request) == f"Invalid requests[0].addProtectedRange: {text}"


def test_a_protection_is_changed_only_by_who_may_edit_it(emulator: Emulator) -> None:
    sheet = shared(emulator, {**RESULTS, "protectedRangeId": 5})
    described = {"protectedRangeId": 5, "description": "x"}
    change: Json = {"updateProtectedRange": {"protectedRange": described, "fields": "description"}}
    with pytest.raises(HumanRefused):
        sheet.human.request(change, who=UNIT)
    sheet.human.request(change)
    assert sheet.protections("T")[0]["description"] == "x"


TYPED: list[tuple[Any, Any]] = [
    # M, R 8: what is typed, what is held in a general cell of a Vietnamese file
    ("0791234567", 791234567),
    ("3/4/2023", 45019),
    ("1,5", 1.5),
    ("Đã xong", "Đã xong"),
    (date(2023, 4, 3), 45019),
    (True, True),
    (None, None),
    ("", None),
]


@pytest.mark.parametrize(("value", "held"), TYPED)
def test_typing_is_read_as_google_reads_it(emulator: Emulator, value: Any, held: Any) -> None:
    sheet = shared(emulator)
    sheet.human.type("T", 2, 1, value)
    assert sheet.cell("T", 2, 1) == held


def test_typing_a_formula_keeps_it(emulator: Emulator) -> None:
    sheet = shared(emulator)
    sheet.human.type("T", 2, 1, formula="=A9", shows="#REF! (mất)")
    caller = Caller(emulator, sheet)
    assert caller.values("T!A2", valueRenderOption="UNFORMATTED_VALUE")["values"] == [["#REF! (mất)"]]
    assert caller.values("T!A2", valueRenderOption="FORMULA")["values"] == [["=A9"]]
    assert sheet.cell("T", 2, 1) == "#REF!"


def test_a_strict_rule_stops_typing_and_not_pasting(emulator: Emulator) -> None:
    """D 4.1, R 8: pasting takes rule and format away, pasting values leaves them"""
    sheet = shared(emulator)
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "đạt"}]}
    rule: Json = {"condition": condition, "strict": True}
    for row in (1, 2):
        sheet.put("T", row, 2, Cell("đạt", format={"textFormat": {"bold": True}}, validation=rule, note="ghi chú"))
    with pytest.raises(HumanRefused):
        sheet.human.type("T", 1, 2, "Sai")
    sheet.human.type("T", 1, 2, "đạt")
    sheet.human.paste("T", 1, 2, [["Sai"]])
    sheet.human.paste("T", 2, 2, [["Sai"]], plain=True)
    assert [sheet.cell("T", row, 2) for row in (1, 2)] == ["Sai", "Sai"]
    assert sheet.look("T", 1, 2)[:3] == ({}, None, "ghi chú")
    assert sheet.look("T", 2, 2)[:3] == ({"textFormat": {"bold": True}}, rule, "ghi chú")


def test_tabs_are_renamed_moved_copied_and_deleted(emulator: Emulator) -> None:
    """D, C, R 8: the id stays"""
    sheet = shared(emulator)
    number = sheet.sheet_id("U")
    sheet.human.rename_tab("U", "Khác")
    sheet.human.move_tab("Khác", 1)
    assert sheet.human.duplicate_tab("T") == "Bản sao của T"
    assert sheet.human.duplicate_tab("T") == "Bản sao của T 2"
    assert sheet.titles() == ["Khác", "T", "Bản sao của T 2", "Bản sao của T"]
    assert sheet.sheet_id("Khác") == number
    sheet.human.delete_tab("T")
    sheet.human.add_tab("Mới", [["x"]])
    assert sheet.titles() == ["Khác", "Bản sao của T 2", "Bản sao của T", "Mới"]


def test_hidden_rows_are_read(emulator: Emulator) -> None:
    """D 8"""
    sheet = shared(emulator)
    sheet.human.hide_rows("T", 2)
    assert sheet.is_hidden("T", row=2)
    assert Caller(emulator, sheet).values("T!A1:A3")["values"] == [["Tên"], ["a"], ["b"]]


def test_a_refused_act_changes_nothing(emulator: Emulator) -> None:
    sheet = shared(emulator)
    before = sheet.book
    with pytest.raises(HumanRefused):
        sheet.human.merge("T", 1, 1, 99, 2)
    assert sheet.book is before
