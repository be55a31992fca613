"""What has to be asked of Google to make a spreadsheet look as it should: facts about the requests alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from gspread.http_client import ParamsType
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from requests import Response

from automation.adapters.config_files import default_tables
from automation.adapters.google.api.client import GoogleClient
from automation.adapters.google.api.sheets import GoogleApi
from automation.adapters.google.drawing.areas import WHOLE_TAB, Area, area_of, blocks, grid_range, joined, stripes_of
from automation.adapters.google.drawing.drawing import Drawing, draw, drawing_requests, portions
from automation.adapters.google.drawing.present import (
    PLAIN,
    CellLooks,
    Present,
    PresentChart,
    PresentFormat,
    PresentProtection,
    PresentTab,
)
from automation.adapters.google.drawing.styles import (
    ACROSS,
    BOLD,
    BORDERS,
    DOWN,
    FILL,
    INK_COLOUR,
    INPUT_HEADER,
    NUMBER,
    WRAP,
    Leaf,
    Rule,
    cell_format,
    patch,
    style_of,
)
from automation.adapters.google.drawing.tags import NOTHING_KEPT, Kept, digests
from automation.base.errors import CannotStart, GoogleUnavailable, RequestRefused
from automation.base.messages import text
from automation.base.paths import TEMPLATES
from automation.core.admin.planned_tabs import plan_config_tabs
from automation.core.admin.reader import Refused, read_config
from automation.core.config.mail_kinds import MAIL_TEMPLATES
from automation.core.layout.workbook import plan_workbook
from automation.core.model.layout import (
    CellLook,
    CellMark,
    ChartKind,
    ChartLook,
    Colour,
    ColumnLook,
    Format,
    Link,
    Protection,
    ReviewMark,
    Role,
    TabLook,
)
from automation.core.model.palette import FAULT_FILL, REVIEW_INK, WARNING_FILL
from automation.core.model.workbook import Anchor, Cell
from automation.core.writing.cell_marks import marked
from automation.core.writing.row_digest import places_at_google, review_formula

BOT = "bot@example.org"
ADMIN = "admin@example.org"


def for_admin(looks: Sequence[TabLook]) -> list[TabLook]:
    """The looks as `plan_workbook` makes them: the admin may edit every tab that is closed to others."""
    return [replace(look, admins=(ADMIN,)) for look in looks]


IN_ORDER = {"locale": "vi_VN", "time_zone": "Asia/Ho_Chi_Minh"}
OURS = text("google_drawing.protected.mark")

Request = Mapping[str, Any]


def a_look(**changes: Any) -> TabLook:
    """A tab without anything but what is asked for."""
    return replace(TabLook("Bệnh viện", 1, (), body_rows=10, protection=Protection.OPEN), **changes)


def a_tab(**changes: Any) -> PresentTab:
    """That tab, as it is once drawn."""
    return replace(PresentTab(7, "Bệnh viện", 11, 5, frozen_rows=1), **changes)


def drawing(looks: Sequence[TabLook], tabs: Sequence[PresentTab] = ()) -> Drawing:
    return drawing_requests(for_admin(looks), Present(tabs=tuple(tabs), **IN_ORDER), BOT)


def requests(look: TabLook, tab: PresentTab) -> list[Request]:
    """What is asked where the tab is there."""
    found = drawing([look], [tab])
    return [*found.setup, *(request for part in found.tabs for request in part.requests)]


def kinds(found: Iterable[Request]) -> list[str]:
    return [next(iter(request)) for request in found]


def of_kind(kind: str, found: Iterable[Request]) -> list[Any]:
    return [request[kind] for request in found if kind in request]


def default_looks() -> tuple[TabLook, ...]:
    """The tabs of the shipped configuration with its 80 units."""
    planned = plan_config_tabs(None, default_tables(), None)
    config = read_config({title: tab.rows for title, tab in planned.items()})
    assert not isinstance(config, Refused)
    return plan_workbook(None, config, planned, (TEMPLATES / "guide.txt").read_text("utf-8"), MAIL_TEMPLATES)


# --- areas ------------------------------------------------------------------------------------------------

PLACES = st.tuples(st.integers(1, 12), st.integers(1, 12))


@given(st.dictionaries(PLACES, st.integers(0, 2)))
def test_stripes_and_rectangles_name_each_cell_once(cells: dict[tuple[int, int], int]) -> None:
    stripes = [
        stripe
        for column in range(1, 13)
        for stripe in stripes_of(column, 1, [cells.get((row, column)) for row in range(1, 13)])
    ]
    found = [
        ((row, column), wanted)
        for area, wanted in joined(stripes)
        for row in range(area.top, (area.bottom or 0) + 1)
        for column in range(area.left, (area.right or 0) + 1)
    ]
    assert len(found) == len(cells)
    assert dict(found) == cells


@given(st.dictionaries(PLACES, st.integers()))
def test_blocks_hold_each_cell_in_its_place(cells: dict[tuple[int, int], int]) -> None:
    found = [
        ((area.top + down, area.left + right), cell)
        for area, rows in blocks(cells)
        for down, row in enumerate(rows)
        for right, cell in enumerate(row)
    ]
    assert len(found) == len(cells)
    assert dict(found) == cells


@given(st.builds(Area, *[st.integers(1, 50)] * 2, *[st.none() | st.integers(50, 99)] * 2))
def test_an_area_survives_the_way_to_google_and_back(area: Area) -> None:
    assert area_of(grid_range(0, area)) == area


@pytest.mark.parametrize(
    ("cells", "rectangles"),
    [
        ({(1, 1): "a", (1, 2): "b", (2, 1): "c", (2, 2): "d"}, [(1, 1, 2, 2)]),
        ({(1, 1): "a", (1, 3): "b"}, [(1, 1, 1, 1), (1, 3, 1, 3)]),
        ({(1, 1): "a", (2, 1): "b", (2, 2): "c"}, [(1, 1, 1, 1), (2, 1, 2, 2)]),
        ({}, []),
    ],
)
def test_neighbouring_cells_travel_together(
    cells: dict[tuple[int, int], str], rectangles: list[tuple[int, ...]]
) -> None:
    assert [(area.top, area.left, area.bottom, area.right) for area, _ in blocks(cells)] == rectangles


# --- styles -----------------------------------------------------------------------------------------------

COLOURS = st.integers(0, 0xFFFFFF).map("{:06X}".format)


@given(COLOURS, COLOURS)
def test_what_we_send_is_what_we_read(fill: str, ink: str) -> None:
    style: dict[str, Leaf] = {FILL: fill, INK_COLOUR: ink, BOLD: True, NUMBER: ("DATE", "dd/mm/yyyy"), WRAP: "WRAP"}
    returned = json.loads(json.dumps(cell_format(tuple(style.items()))))
    assert style_of(returned) == style


@pytest.mark.parametrize(
    ("present", "missing"),
    [
        ({}, {ACROSS, BOLD, BORDERS, DOWN, FILL, INK_COLOUR, WRAP}),
        ({name: value for name, value in INPUT_HEADER.items() if name != BORDERS}, set()),
        ({**INPUT_HEADER, FILL: "FFFF00"}, {FILL, BORDERS}),
        ({**INPUT_HEADER, NUMBER: ("TEXT", "@")}, set()),
    ],
)
def test_only_what_differs_is_set(present: dict[str, Leaf], missing: set[str]) -> None:
    assert {name for name, _ in patch(INPUT_HEADER, present)} == missing


@pytest.mark.parametrize(
    ("found", "style"),
    [
        ({"backgroundColorStyle": {"rgbColor": {}}}, {FILL: "000000"}),
        ({"backgroundColor": {"red": 1}}, {FILL: "FF0000"}),
        (
            {"backgroundColorStyle": {"rgbColor": {"red": 0.1137, "green": 0.3059, "blue": 0.41960785}}},
            {FILL: "1D4E6B"},
        ),
        ({"backgroundColor": {"red": 1}, "backgroundColorStyle": {"themeColor": "ACCENT1"}}, {FILL: "ACCENT1"}),
        ({"padding": {"top": 2}, "numberFormat": {"type": "TEXT"}}, {NUMBER: ("TEXT", "")}),
    ],
)
def test_formats_are_read_in_all_their_guises(found: dict[str, Any], style: dict[str, Leaf]) -> None:
    assert style_of(found) == style


@pytest.mark.parametrize(
    ("wanted", "present", "same"),
    [
        (Rule("ONE_OF_RANGE", ("='Danh mục'!$B$2:$B$3",)), Rule("ONE_OF_RANGE", ("='Danh mục'!$B$2:$B$3",)), True),
        (Rule("ONE_OF_RANGE", ("='Lists'!$B$2:$B$3",)), Rule("ONE_OF_RANGE", ("=Lists!$B$2:$B$3",)), True),
        (Rule("ONE_OF_RANGE", ("='Danh mục'!$B$2:$B$3",)), Rule("ONE_OF_RANGE", ("='Danh mục'!$B$2:$B$4",)), False),
        (Rule("ONE_OF_LIST", ("Nam", "Nữ")), Rule("ONE_OF_LIST", ("Nữ", "Nam")), False),
        (Rule("ONE_OF_LIST", ("Nam", "Nữ")), Rule("ONE_OF_LIST", ("Nam", "Nữ"), strict=True), False),
        (Rule("BOOLEAN"), Rule("BOOLEAN", strict=True), True),
        (Rule("BOOLEAN"), None, False),
    ],
)
def test_validations_are_the_same_where_they_do_the_same(wanted: Rule, present: Rule | None, same: bool) -> None:
    assert wanted.is_like(present) is same


# --- tabs -------------------------------------------------------------------------------------------------


def test_a_fresh_spreadsheet_gets_language_clock_and_tabs_and_loses_the_blank_one() -> None:
    fresh = Present("en_US", "Etc/GMT", (PresentTab(0, "Trang tính1", 1000, 26),))
    found = drawing_requests([a_look(title="A"), a_look(title="B")], fresh).requests
    assert found[0]["updateSpreadsheetProperties"] == {
        "properties": {"locale": "vi_VN", "timeZone": "Asia/Ho_Chi_Minh"},
        "fields": "locale,timeZone",
    }
    added = [each["properties"] for each in of_kind("addSheet", found)]
    assert [(each["title"], each["index"]) for each in added] == [("A", 0), ("B", 1)]
    assert found[3] == {"deleteSheet": {"sheetId": 0}}


@pytest.mark.parametrize(
    "tab",
    [
        PresentTab(0, "Trang tính1", 9, 9, values=[[], [{"stringValue": "x"}]]),
        PresentTab(0, "Trang tính1", 9, 9, looks=[[CellLooks(note="x")]]),
        PresentTab(0, "Trang tính1", 9, 9, charts=(PresentChart(1, {}),)),
        PresentTab(0, "Ghi chép", 9, 9),
        PresentTab(5, "Trang tính1", 9, 9),
        PresentTab(0, "Trang tính1", 0, 0, has_grid=False),
    ],
    ids=["a value", "a note", "a chart", "its own title", "not the first", "a chart alone"],
)
def test_a_tab_of_people_is_never_taken_for_the_blank_one(tab: PresentTab) -> None:
    assert "deleteSheet" not in kinds(drawing([a_look()], [tab]).requests)


def test_new_tabs_stand_behind_the_one_before_them_and_no_tab_moves() -> None:
    tabs = [PresentTab(3, "của người dùng", 9, 9), a_tab(title="B"), PresentTab(4, "biểu đồ", 0, 0, has_grid=False)]
    found = drawing([a_look(title=title) for title in ("A", "B", "C", "D")], tabs).requests
    added = [each["properties"] for each in of_kind("addSheet", found)]
    assert [(each["title"], each["index"]) for each in added] == [("A", 0), ("C", 3), ("D", 4)]


def test_the_number_of_a_new_tab_follows_from_its_title_and_is_free() -> None:
    def added(*tabs: PresentTab) -> int:
        number: int = of_kind("addSheet", drawing([a_look()], tabs).requests)[0]["properties"]["sheetId"]
        return number

    first = added()
    assert first == added(PresentTab(8, "khác", 9, 9))
    assert added(PresentTab(first, "khác", 9, 9)) not in (0, first)
    assert 0 < first < 2**31


@pytest.mark.parametrize(
    ("look", "rows", "columns"),
    [
        (a_look(columns=(ColumnLook(6, "F", 9),)), 11, 6),
        (a_look(body_rows=0, header_row=4, frozen_columns=2), 5, 3),
        (a_look(cells=(CellLook(20, 1, Role.TEXT, across=8),)), 20, 8),
        (a_look(charts=(ChartLook("T", ChartKind.LINE, 1, 9, 1, (2,), 5, 10, 600, 210),)), 15, 16),
    ],
)
def test_a_new_grid_is_as_large_as_the_look_needs(look: TabLook, rows: int, columns: int) -> None:
    grid = of_kind("addSheet", drawing([look]).requests)[0]["properties"]["gridProperties"]
    assert (grid["rowCount"], grid["columnCount"]) == (rows, columns)


def test_a_grid_that_is_too_small_grows_and_is_never_cut() -> None:
    look = a_look(columns=(ColumnLook(5, "E", 9, Format.TEXT),))
    grown = of_kind("appendDimension", requests(look, a_tab(rows=8, columns=3)))
    assert [(each["dimension"], each["length"]) for each in grown] == [("ROWS", 3), ("COLUMNS", 2)]
    assert "appendDimension" not in kinds(requests(look, a_tab(rows=800, columns=30)))


@pytest.mark.parametrize(
    ("merge", "fields"),
    [
        (None, "gridProperties.frozenRowCount,gridProperties.frozenColumnCount"),
        (Area(1, 1, 1, 5), "gridProperties.frozenRowCount"),
        (Area(2, 4, 4, 4), "gridProperties.frozenColumnCount"),
        (Area(2, 1, 3, 2), "gridProperties.frozenRowCount,gridProperties.frozenColumnCount"),
    ],
)
def test_nothing_is_frozen_through_a_merged_cell(merge: Area | None, fields: str) -> None:
    tab = a_tab(frozen_rows=0, merges=(merge,) if merge else ())
    found = of_kind("updateSheetProperties", requests(a_look(header_row=3, body_rows=8, frozen_columns=2), tab))
    assert [each["fields"] for each in found] == [fields]


@pytest.mark.parametrize(
    ("cell", "tab", "merged"),
    [
        (CellLook(1, 1, Role.TITLE, across=3), a_tab(), True),
        (CellLook(1, 1, Role.TITLE), a_tab(), False),
        (CellLook(1, 1, Role.TITLE, across=3), a_tab(merges=(Area(1, 1, 1, 3),)), False),
        (CellLook(1, 1, Role.TITLE, across=3), a_tab(merges=(Area(1, 2, 1, 5),)), False),
        (CellLook(1, 1, Role.TITLE, across=3), a_tab(values=[[{}, {"stringValue": "x"}]]), False),
    ],
    ids=["free", "one cell", "merged", "in the way", "not blank"],
)
def test_cells_are_merged_only_over_blank_ones(cell: CellLook, tab: PresentTab, merged: bool) -> None:
    assert ("mergeCells" in kinds(requests(a_look(cells=(cell,)), tab))) is merged


def test_a_title_that_grew_wider_takes_what_was_merged_of_it_before() -> None:
    title = CellLook(1, 1, Role.TITLE, across=5)
    found = requests(a_look(cells=(title,)), a_tab(merges=(Area(1, 1, 1, 3),)))
    assert [kind for kind in kinds(found) if "erge" in kind] == ["unmergeCells", "mergeCells"]


def test_a_text_that_would_be_merged_over_the_frozen_edge_runs_on_instead() -> None:
    found = requests(a_look(cells=(CellLook(2, 1, Role.TEXT, across=4),), frozen_columns=1), a_tab(frozen_columns=1))
    assert "mergeCells" not in kinds(found)
    formats = [each["cell"]["userEnteredFormat"] for each in of_kind("repeatCell", found)]
    assert all(each.get("wrapStrategy") != "WRAP" for each in formats)


@pytest.mark.parametrize(
    ("opens", "uri"),
    [
        (Link("Bệnh viện"), "#gid=7"),
        (Link("Bệnh viện", row=9), "#gid=7&range=A9"),
        (Link(address="https://example.org/"), "https://example.org/"),
        (Link("Không có"), None),
        (None, None),
    ],
    ids=["tab", "line of a tab", "elsewhere", "no such tab", "plain"],
)
def test_a_cell_opens_a_tab_by_its_id(opens: Link | None, uri: str | None) -> None:
    cell = CellLook(2, 1, Role.LINK if opens else Role.TERM, opens=opens)
    found = of_kind("repeatCell", requests(a_look(cells=(cell,)), a_tab()))
    (letters,) = (each["cell"]["userEnteredFormat"]["textFormat"] for each in found)
    assert letters.get("link") == (uri and {"uri": uri})


def test_a_number_bears_no_link() -> None:
    cell = CellLook(2, 1, Role.LINK, Format.INTEGER, opens=Link("Bệnh viện"))
    assert requests(a_look(cells=(cell,)), a_tab()) == requests(a_look(), a_tab())


def test_the_text_beside_a_number_bears_its_link() -> None:
    cell = CellLook(2, 1, Role.LINK, Format.INTEGER, opens=Link("Bệnh viện"), text_column=4)
    (found,) = of_kind("repeatCell", requests(a_look(cells=(cell,)), a_tab()))
    assert found["range"]["startColumnIndex"] == 3
    assert found["cell"]["userEnteredFormat"]["textFormat"]["link"] == {"uri": "#gid=7"}


def test_a_link_goes_where_nothing_is_to_be_opened_any_more() -> None:
    style = style_of({"textFormat": {"link": {"uri": "#gid=7"}, "underline": True}})
    cell = CellLook(1, 1, Role.TERM)
    (found,) = of_kind("repeatCell", requests(a_look(cells=(cell,)), a_tab(looks=[[CellLooks(style)]])))
    assert "userEnteredFormat.textFormat.link" in found["fields"].split(",")
    assert "link" not in found["cell"]["userEnteredFormat"]["textFormat"]


@pytest.mark.parametrize("title", ["Bảng " * 30, "BIỂU đồ"])
def test_a_title_that_google_does_not_allow_is_refused_beforehand(title: str) -> None:
    with pytest.raises(CannotStart, match=r"Đề nghị"):
        drawing([a_look(title=title)], [PresentTab(4, "Biểu đồ", 0, 0, has_grid=False)])


WIDTHS = a_look(columns=(ColumnLook(1, "A", 10), ColumnLook(2, "B", 10), ColumnLook(3, "C", 20)))


@pytest.mark.parametrize(
    ("tab", "widths"),
    [
        (None, [(0, 2, 75), (2, 3, 145)]),
        (a_tab(widths=(250, 30, 145)), []),
        (a_tab(columns=2, widths=(75, 75)), [(2, 3, 145)]),
        (a_tab(widths=(75, 100, 145), values=[[{"stringValue": "A"}, {"stringValue": "B"}, {}]]), []),
        (a_tab(widths=(75, 100, 145), values=[[{"stringValue": "A"}, {}, {"stringValue": "C"}]]), [(1, 2, 75)]),
    ],
    ids=["new tab", "changed by people", "new column", "default width by choice", "column without a header"],
)
def test_widths_are_set_once(tab: PresentTab | None, widths: list[tuple[int, int, int]]) -> None:
    found = of_kind("updateDimensionProperties", drawing([WIDTHS], [tab] if tab else []).requests)
    assert [
        (each["range"]["startIndex"], each["range"]["endIndex"], each["properties"]["pixelSize"]) for each in found
    ] == widths


def test_a_dashboard_that_was_laid_out_anew_gets_its_widths() -> None:
    """A column that was hidden in the layout of before shows what stands in it now."""
    look = replace(WIDTHS, header_row=0, is_ours_alone=True)
    before = a_tab(widths=(75, 300, 145), hidden_columns=frozenset({1}), hides_gridlines=True)
    (width, shown) = of_kind("updateDimensionProperties", drawing([look], [before]).requests)
    assert (width["range"]["startIndex"], width["range"]["endIndex"], width["properties"]) == (1, 2, {"pixelSize": 75})
    assert (shown["range"]["startIndex"], shown["properties"]) == (0, {"hiddenByUser": False})
    as_drawn = replace(before, widths=(75, 75, 145), hidden_columns=frozenset())
    assert not of_kind("updateDimensionProperties", drawing([look], [as_drawn]).requests)


@pytest.mark.parametrize(("is_ours_alone", "wraps"), [(False, []), (True, ["WRAP"])])
def test_a_dashboard_that_was_laid_out_anew_wraps_what_it_did_not(is_ours_alone: bool, wraps: list[str]) -> None:
    """Who typed in a tab of people's aligned the cell, too."""
    look = a_look(columns=(ColumnLook(1, "A", 10, wrap=True),), is_ours_alone=is_ours_alone)
    found = of_kind("repeatCell", requests(look, a_tab(looks=[[], [CellLooks({DOWN: "TOP"})]])))
    first = [each for each in found if each["range"].get("startRowIndex") == 1]
    assert [each["cell"]["userEnteredFormat"][WRAP] for each in first] == wraps


@pytest.mark.parametrize(
    ("low", "tab", "rows"),
    [
        (True, None, [(1, 11)]),
        (True, a_tab(), []),
        (True, a_tab(rows=8), [(8, 11)]),
        (False, None, []),
    ],
    ids=["new tab", "rows of people's", "rows that are new", "a table without lists of errors"],
)
def test_rows_with_many_errors_stay_low(low: bool, tab: PresentTab | None, rows: list[tuple[int, int]]) -> None:
    """Google lets rows grow that nobody has told their height: ten wrong ones would fill three screens."""
    look = a_look(columns=(ColumnLook(1, "Lỗi cần sửa", 64, computed=True, wrap=True, low=low),))
    found = of_kind("updateDimensionProperties", drawing([look], [tab] if tab else []).requests)
    ranges = [each["range"] for each in found if each["range"]["dimension"] == "ROWS"]
    assert [(each["startIndex"], each["endIndex"]) for each in ranges] == rows


# --- cells ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("=A1", {"stringValue": "=A1"}),
        ("079", {"stringValue": "079"}),
        (True, {"boolValue": True}),
        (3, {"numberValue": 3}),
        (date(1985, 3, 15), {"numberValue": 31121}),
        (datetime(2023, 4, 20, 12, 0), {"numberValue": 45036.5}),
    ],
)
def test_values_are_typed_and_never_parsed(value: Any, sent: dict[str, Any]) -> None:
    found = of_kind("updateCells", requests(a_look(values=((2, 2, value),)), a_tab()))
    assert [each["rows"] for each in found] == [[{"values": [{"userEnteredValue": sent}]}]]
    assert found[0]["fields"] == "userEnteredValue"
    assert requests(a_look(values=((2, 2, value),)), a_tab(values=[[], [{}, sent]]))[:1] != found[:1]


def test_a_cell_to_be_emptied_is_emptied_once() -> None:
    look = a_look(values=((2, 1, None),), protection=Protection.STRICT)
    found = requests(look, a_tab(values=[[], [{"stringValue": "x"}]]))
    assert of_kind("updateCells", found)[0]["rows"] == [{"values": [{}]}]
    assert requests(look, a_tab()) == []


@pytest.mark.parametrize(
    ("protection", "present", "written"),
    [
        (Protection.OPEN, {"stringValue": "gõ trong lúc dựng trang"}, False),
        (Protection.OPEN, {"formulaValue": "=A1"}, False),
        (Protection.OPEN, {"stringValue": " "}, True),
        (Protection.OPEN, {}, True),
        (Protection.STRICT, {"stringValue": "tiêu đề cũ"}, True),
    ],
)
def test_what_a_unit_has_typed_since_it_was_read_is_not_written_over(
    protection: Protection, present: dict[str, Any], written: bool
) -> None:
    look = a_look(values=((2, 1, "x"),), protection=protection)
    assert ("updateCells" in kinds(requests(look, a_tab(values=[[], [present]])))) is written


def test_the_covered_part_of_a_merged_cell_is_left_alone() -> None:
    tab = a_tab(merges=(Area(2, 1, 2, 3),))
    found = of_kind("updateCells", requests(a_look(values=((2, 1, "x"), (2, 2, "y"))), tab))
    assert [each["start"]["columnIndex"] for each in found] == [0]


BODY = a_look(header_row=1, body_rows=3)
DAY = {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}}
TOP: Mapping[str, Leaf] = {DOWN: "TOP"}


@pytest.mark.parametrize(
    ("kind", "value", "style", "changed"),
    [
        (Format.TEXT, {}, {}, True),
        (Format.TEXT, {"stringValue": "079"}, {}, True),
        (Format.TEXT, {"numberValue": 791234567}, {}, True),
        (Format.TEXT, {"numberValue": 31120}, {NUMBER: ("DATE", "d/m/yyyy")}, False),
        (Format.TEXT, {"formulaValue": "=A1"}, {}, False),
        (Format.DATE, {"numberValue": 31120}, {}, True),
        (Format.DATE, {"numberValue": 1985}, {}, False),
        (Format.DATE, {"stringValue": "5/9/1985"}, {}, True),
        (Format.DATE, {"numberValue": 31120}, {NUMBER: ("DATE", "dd/MM/yyyy")}, False),
        (Format.DATE, {"numberValue": 31120}, {NUMBER: ("DATE", "")}, False),
        (Format.GENERAL, {}, {NUMBER: ("CURRENCY", "")}, False),
        (Format.RATE, {}, {NUMBER: ("PERCENT", "0%")}, True),
    ],
)
def test_number_formats_come_back_unless_a_value_would_show_as_another(
    kind: Format, value: dict[str, Any], style: dict[str, Leaf], changed: bool
) -> None:
    look = replace(BODY, columns=(ColumnLook(1, "", 12, kind),))
    fields = [
        name
        for each in of_kind("repeatCell", requests(look, a_tab(values=[[], [value]], looks=[[], [CellLooks(style)]])))
        if each["range"].get("startRowIndex") == 1
        for name in each["fields"].split(",")
    ]
    assert ("userEnteredFormat.numberFormat" in fields) is changed


@pytest.mark.parametrize(
    ("computed", "style", "changed"),
    [(False, {}, True), (False, {ACROSS: "LEFT"}, False), (True, {ACROSS: "LEFT"}, True), (True, TOP, False)],
)
def test_people_align_their_cells_as_they_like(computed: bool, style: dict[str, Leaf], changed: bool) -> None:
    look = replace(BODY, columns=(ColumnLook(1, "", 12, computed=computed),), body_rows=1)
    found = of_kind("repeatCell", requests(look, a_tab(looks=[[], [CellLooks(style)]])))
    assert any("verticalAlignment" in each["fields"] and each["range"]["endRowIndex"] == 2 for each in found) is changed


LISTED = Rule("ONE_OF_RANGE", ("='Danh mục'!$B$2:$B$3",))
CHOICE = ColumnLook(1, "Thẻ", 9, choices=("a",), choices_range="'Danh mục'!$B$2:$B$3")


@pytest.mark.parametrize(
    ("column", "present", "wanted"),
    [
        (CHOICE, None, "ONE_OF_RANGE"),
        (CHOICE, LISTED, None),
        (CHOICE, Rule("TEXT_CONTAINS", ("x",)), "ONE_OF_RANGE"),
        (ColumnLook(1, "", 9, choices=("Nam", "Nữ")), None, "ONE_OF_LIST"),
        (ColumnLook(1, "", 9, Format.TICK), None, "BOOLEAN"),
        (ColumnLook(1, "", 9, Format.DATE), None, "DATE_IS_VALID"),
        (ColumnLook(1, "", 9, computed=True), Rule("ONE_OF_LIST", ("x",)), "removed"),
        (ColumnLook(1, "", 9), Rule("ONE_OF_LIST", ("x",)), None),
        (ColumnLook(1, "", 9), LISTED, "removed"),
    ],
)
def test_dropdowns_and_checkboxes(column: ColumnLook, present: Rule | None, wanted: str | None) -> None:
    look = replace(BODY, columns=(column, replace(CHOICE, column=2)), body_rows=1)
    there = [[], [CellLooks(rule=present), CellLooks(rule=LISTED)]]
    found = of_kind("setDataValidation", requests(look, a_tab(looks=there)))
    kinds_found = [each["rule"]["condition"]["type"] if "rule" in each else "removed" for each in found]
    assert kinds_found == ([wanted] if wanted else [])
    assert all(not each["rule"]["strict"] for each in found if "rule" in each)


@pytest.mark.parametrize(
    ("present", "note", "sent"),
    [
        ("", "Ghi như trên thẻ.", [{"note": "Ghi như trên thẻ.\n(TCCB)"}]),
        ("Ghi như trên thẻ.\n(TCCB)", "Ghi như trên thẻ.", []),
        ("Lời cũ.\n(TCCB)", "Ghi như trên thẻ.", [{"note": "Ghi như trên thẻ.\n(TCCB)"}]),
        ("Chị Lan dặn: ghi hoa.", "Ghi như trên thẻ.", []),
        ("Lời cũ.\n(TCCB)", "", [{}]),
        ("Chị Lan dặn: ghi hoa.", "", []),
    ],
)
def test_notes_of_people_stay(present: str, note: str, sent: list[dict[str, str]]) -> None:
    look = a_look(columns=(ColumnLook(1, "Họ tên", 9, note=note),))
    found = of_kind("updateCells", requests(look, a_tab(looks=[[CellLooks(note=present)]])))
    assert [cell for each in found for row in each["rows"] for cell in row["values"]] == sent


@pytest.mark.parametrize(
    ("entered", "seen", "is_drawn"),
    [
        ([{"stringValue": "Ghi chú"}], ["Ghi chú"], True),
        ([{"stringValue": "Ghi\r\nchú\x0b"}], ["Ghi\r\nchú\x0b"], True),
        ([{"stringValue": "#N/A (không)"}], ["#N/A"], True),
        ([{"formulaValue": "=X"}], ["Ghi chú"], True),
        ([{"formulaValue": '={"a"."b"}'}, {}], ["a", "b"], True),  # what spills over nobody entered
        ([{"numberValue": 2023}], [2023], True),
        ([{"stringValue": "a"}, {"errorValue": {"type": "N_A"}}], ["a", "#N/A"], True),
        ([{"stringValue": "a"}, {"stringValue": "b"}, {}], ["a", "b", "Tháng"], True),  # a pivot table beside the list
        ([{"stringValue": "a"}, {}], ["a", "b"], False),
        ([{}], ["Ghi chú"], False),
        ([{"stringValue": "Trần Văn An"}], ["Ghi chú"], False),
    ],
)
def test_a_tab_whose_headers_moved_since_it_was_planned_is_named_and_left_alone(
    entered: list[dict[str, Any]], seen: list[Cell], is_drawn: bool
) -> None:
    columns = ColumnLook(1, "Cột", 9), ColumnLook(2, "Cột khác", 9)
    look = a_look(columns=columns, frozen_columns=1, headers_seen=tuple(seen))
    found = drawing([look], [a_tab(values=[entered])])
    assert (bool(found.tabs), found.moved) == (is_drawn, () if is_drawn else (look.title,))


@pytest.mark.parametrize(
    ("headers", "known", "is_drawn"),
    [
        (["Mã", "Kết quả"], {"ket-qua": 2}, True),
        (["Mã", "Kết quả"], {}, True),
        (["Mã", "Kết quả", "Khác"], {"ket-qua": 3}, True),  # somebody cut and pasted columns
        (["Mã", "Kết quả", "Kết quả"], {"ket-qua": 2}, True),
        (["Mã", "Kết quả", "Kết quả"], {"ket-qua": 3}, False),  # one of their own came before ours
    ],
)
def test_an_identity_is_not_taken_to_another_column_of_its_header(
    headers: list[str], known: dict[str, int], is_drawn: bool
) -> None:
    look = a_look(columns=(ColumnLook(1, "Mã", 9),), frozen_columns=1, anchors=(Anchor("", "ket-qua", 2),))
    found = drawing([look], [a_tab(values=[[{"stringValue": each} for each in headers]], anchors=known)])
    assert found.moved == (() if is_drawn else (look.title,))


def test_a_run_of_damaged_cells_is_one_request() -> None:
    sound = CellLooks({NUMBER: ("TEXT", "@"), DOWN: "TOP"})
    look = a_look(header_row=0, columns=tuple(ColumnLook(n, "", 9, Format.TEXT) for n in (1, 2, 3)), body_rows=9)
    looks = [[PLAIN if 3 <= row <= 6 and column < 3 else sound for column in (1, 2, 3)] for row in range(1, 10)]
    found = requests(look, a_tab(looks=looks, hides_gridlines=True))
    assert [each["range"] for each in of_kind("repeatCell", found)] == [
        {"sheetId": 7, "startRowIndex": 2, "endRowIndex": 6, "endColumnIndex": 2}
    ]
    assert kinds(found) == ["repeatCell"]


# --- conditional formats ----------------------------------------------------------------------------------

MARK = ReviewMark(judged=5, inputs=(1, 2), results=(3, 4), signature="ab12|")
COLOURED = a_look(colours=(Colour(3, "Xong", "D7EEDD"), Colour(3, "Sửa", "F9D7D3")), review=MARK)
GREY = PresentFormat(
    (Area(2, 3, 11, 4),),
    "CUSTOM_FORMULA",
    (review_formula(MARK, 2, places_at_google).replace(";", ","),),
    {FILL: "ECEFF1", INK_COLOUR: REVIEW_INK, "textFormat.italic": True},
)
DONE = PresentFormat((Area(2, 3, 11, 3),), "TEXT_EQ", ("Xong",), {FILL: "D7EEDD"})
WRONG = PresentFormat((Area(2, 3, 400, 3),), "TEXT_EQ", ("Sửa",), {FILL: "F9D7D3"})
LAN = PresentFormat((Area(2, 3, 11, 3),), "TEXT_EQ", ("Chị Lan",), {FILL: "FFFF00"})
SCALE = PresentFormat((Area(1, 1, None, None),), "", (), {})
ELSEWHERE = PresentFormat((Area(2, 1, 11, 1),), "TEXT_EQ", ("Xong",), {FILL: "D7EEDD"})
CUSTOM = PresentFormat((Area(2, 3, 11, 3),), "CUSTOM_FORMULA", ("=A1>2",), {FILL: "FFFF00"})
ADD, UPDATE, DELETE = (f"{verb}ConditionalFormatRule" for verb in ("add", "update", "delete"))


@pytest.mark.parametrize(
    ("present", "asked"),
    [
        ([GREY, DONE, WRONG], []),
        ([GREY, LAN, WRONG, SCALE, DONE, ELSEWHERE, CUSTOM], []),
        ([], [(ADD, 0), (ADD, 1), (ADD, 0)]),
        ([LAN, SCALE], [(ADD, 2), (ADD, 3), (ADD, 0)]),
        ([GREY, LAN, WRONG], [(ADD, 3)]),
        ([DONE, WRONG], [(ADD, 0)]),
        ([LAN, GREY, DONE, WRONG], [(DELETE, 1), (ADD, 0)]),
        ([GREY, DONE, replace(WRONG, values=("Sửa cũ",))], [(UPDATE, 2)]),
        ([GREY, DONE, replace(WRONG, style={FILL: "000000"})], [(UPDATE, 2)]),
        ([GREY, DONE, replace(WRONG, areas=(Area(2, 3, 4, 3), Area(6, 3, 11, 3)))], [(UPDATE, 2)]),
        ([GREY, DONE, replace(WRONG, areas=(Area(3, 3, 11, 3),))], [(UPDATE, 2)]),
        ([GREY, DONE, WRONG, DONE], [(DELETE, 3)]),
        ([replace(GREY, values=(review_formula(MARK, 9, places_at_google),)), DONE, WRONG], [(DELETE, 0), (ADD, 0)]),
    ],
)
def test_our_conditional_formats_are_put_right_and_those_of_people_stay(
    present: list[PresentFormat], asked: list[tuple[str, int]]
) -> None:
    found = requests(COLOURED, a_tab(formats=tuple(present)))
    assert [(next(iter(each)), next(iter(each.values()))["index"]) for each in found] == asked


ERRORS = CellMark((1, 2, 4), marked(['$A2="Ô; ""x"""', "LEN($A2)>9"]))
WARNINGS = CellMark((1, 2, 4), marked(["LEN($A2)>9"]), severe=False)
MARKED = replace(COLOURED, marks=(ERRORS, WARNINGS))
_MARKED_AREAS = (Area(2, 1, 11, 2), Area(2, 4, 11, 4))
RED = PresentFormat(
    _MARKED_AREAS, "CUSTOM_FORMULA", ('=AND(N("TCCB")=0, OR($A2="Ô; ""x""", LEN($A2)>9))',), {FILL: FAULT_FILL}
)
YELLOW = PresentFormat(_MARKED_AREAS, "CUSTOM_FORMULA", (WARNINGS.formula,), {FILL: WARNING_FILL})
EARLIER = replace(RED, values=('=ISNUMBER(SEARCH("Ô "&ADDRESS(ROW();COLUMN();4)&":";$Z2))',))


@pytest.mark.parametrize(
    ("present", "asked"),
    [
        ([GREY, RED, YELLOW, DONE, WRONG], []),
        ([GREY, RED, YELLOW, LAN, DONE, CUSTOM, WRONG], []),
        ([GREY, DONE, WRONG], [(DELETE, 0), (ADD, 0), (ADD, 1), (ADD, 2)]),
        ([EARLIER, DONE, WRONG], [(DELETE, 0), (ADD, 0), (ADD, 1), (ADD, 2)]),
        ([GREY, YELLOW, RED, DONE, WRONG], [*((DELETE, n) for n in (2, 1, 0)), *((ADD, n) for n in (0, 1, 2))]),
        ([GREY, RED, YELLOW, DONE, WRONG, RED], [(DELETE, 5)]),
        ([GREY, replace(RED, values=(RED.values[0].replace("; ", ", "),)), YELLOW, DONE, WRONG],
         [*((DELETE, n) for n in (2, 1, 0)), *((ADD, n) for n in (0, 1, 2))]),
    ],
)  # fmt: skip
def test_marks_stand_before_all_other_formats_and_in_their_order(
    present: list[PresentFormat], asked: list[tuple[str, int]]
) -> None:
    found = requests(MARKED, a_tab(formats=tuple(present)))
    assert [(next(iter(each)), next(iter(each.values()))["index"]) for each in found] == asked


def test_the_mark_goes_when_it_is_no_longer_wanted() -> None:
    found = requests(replace(COLOURED, review=None), a_tab(formats=(GREY, DONE, WRONG)))
    assert kinds(found) == [DELETE]


# --- protection -------------------------------------------------------------------------------------------


def protection(area: Area, description: str = OURS, **changes: Any) -> PresentProtection:
    usual = PresentProtection(1, area, description, False, (ADMIN, BOT), (), False, False)
    return replace(usual, **changes)


STRICT = a_look(protection=Protection.STRICT)
UNIT = a_look(editors=("lan@example.org",), columns=(), protection=Protection.OPEN)
ALL = ("lan@example.org", ADMIN, BOT)


def restrictions(look: TabLook, *present: PresentProtection) -> list[Request]:
    """The requests about the protection, without what is kept on the tab of whom it lets in."""
    return [each for each in closing(look, a_tab(protections=present)) if not is_of_metadata(each)]


def closing(look: TabLook, tab: PresentTab) -> list[Request]:
    return [request for part in drawing([look], [tab]).restrictions for request in part.requests]


def is_of_metadata(request: Request) -> bool:
    return next(iter(request)).endswith("DeveloperMetadata")


@pytest.mark.parametrize(
    ("look", "editors"),
    [(STRICT, [ADMIN, BOT]), (UNIT, list(ALL)), (replace(UNIT, editors=(ADMIN.upper(), "")), [ADMIN.upper(), BOT])],
)
def test_a_tab_is_closed_to_all_but_those_it_is_for(look: TabLook, editors: list[str]) -> None:
    assert restrictions(look) == [
        {
            "addProtectedRange": {
                "protectedRange": {
                    "range": {"sheetId": 7},
                    "description": OURS + text("google_drawing.protected.tab"),
                    "editors": {"users": editors, "domainUsersCanEdit": False},
                }
            }
        }
    ]


@pytest.mark.parametrize(
    ("present", "users"),
    [
        (protection(WHOLE_TAB, users=ALL), None),
        (protection(WHOLE_TAB, users=("owner@example.org", *map(str.upper, ALL))), None),
        (protection(WHOLE_TAB, users=None), None),
        (protection(WHOLE_TAB, users=(ADMIN, BOT)), [ADMIN, BOT, "lan@example.org"]),
        (protection(WHOLE_TAB, users=("minh@example.org", BOT)), ["minh@example.org", BOT, "lan@example.org", ADMIN]),
        (protection(WHOLE_TAB, users=ALL, open_to_domain=True), list(ALL)),
        (protection(WHOLE_TAB, users=ALL, has_gaps=True), list(ALL)),
        (protection(WHOLE_TAB, users=None, warning_only=True), list(ALL)),
        (protection(WHOLE_TAB, "của chị Lan", users=("lan@example.org",)), None),
    ],
)
def test_who_was_let_in_besides_stays(present: PresentProtection, users: list[str] | None) -> None:
    found = restrictions(UNIT, present)
    assert [each["updateProtectedRange"]["protectedRange"]["editors"]["users"] for each in found] == (
        [users] if users else []
    )


MINH, FOCAL = "minh@example.org", "lan@example.org"


@pytest.mark.parametrize(
    ("let_in", "there", "stay", "out", "others"),
    [
        ((FOCAL, ADMIN, BOT), ALL, None, [], []),
        ((MINH, ADMIN, BOT), (MINH, ADMIN, BOT), [ADMIN, BOT, FOCAL], [MINH], []),  # Minh has left the unit
        ((ADMIN, BOT), (MINH, ADMIN, BOT), [MINH, ADMIN, BOT, FOCAL], [], [MINH]),  # an admin let Minh in
        ((), (MINH, *ALL), None, [], [MINH]),  # by an earlier version: nobody knows
    ],
)
def test_init_lets_out_whom_it_let_in_itself(
    let_in: Sequence[str], there: Sequence[str], stay: list[str] | None, out: list[str], others: list[str]
) -> None:
    known = Kept(digests(let_in), (5,)) if let_in else NOTHING_KEPT
    tab = a_tab(protections=(protection(WHOLE_TAB, users=tuple(there)),), let_in=known)
    changes = [each["updateProtectedRange"] for each in closing(UNIT, tab) if not is_of_metadata(each)]
    assert [each["protectedRange"]["editors"]["users"] for each in changes] == ([stay] if stay else [])
    remarks = drawing([UNIT], [tab]).remarks
    named = [text("google_drawing.let_out", tabs=f"Bệnh viện ({', '.join(out)})")] if out else []
    named += [text("google_drawing.strangers", tabs=f"Bệnh viện ({', '.join(others)})")] if others else []
    assert list(remarks) == named


def test_init_names_the_groups_that_somebody_let_in() -> None:
    tab = a_tab(protections=(protection(WHOLE_TAB, users=ALL, groups=("khoa@example.org",)),))
    assert drawing([UNIT], [tab]).remarks == (text("google_drawing.strangers", tabs="Bệnh viện (khoa@example.org)"),)


def test_init_lets_out_whom_it_let_in_where_nobody_comes_after_them() -> None:
    """The registry's line has lost its address: the tab stays closed to all but the admins, who are told who is out."""
    known = Kept(digests((FOCAL, ADMIN, BOT)), (5,))
    tab = a_tab(protections=(protection(WHOLE_TAB, users=(FOCAL, ADMIN, BOT)),), let_in=known)
    (change,) = [each["updateProtectedRange"] for each in closing(a_look(), tab) if not is_of_metadata(each)]
    assert change["protectedRange"]["editors"]["users"] == [ADMIN, BOT]
    (remark,) = drawing([a_look()], [tab]).remarks
    assert remark == text("google_drawing.let_out", tabs=f"Bệnh viện ({FOCAL})")


def test_who_was_let_in_by_hand_before_is_not_taken_for_ours() -> None:
    tab = a_tab(
        protections=(protection(WHOLE_TAB, users=(FOCAL, ADMIN, BOT)),), let_in=Kept(digests([ADMIN, BOT]), (5,))
    )
    assert closing(UNIT, tab) == []


def test_a_tab_that_is_for_nobody_we_know_stays_open_and_is_named() -> None:
    open_tab = drawing([a_look()], [a_tab()])
    assert open_tab.restrictions == ()
    assert len(open_tab.remarks) == 1
    assert "Bệnh viện" in open_tab.remarks[0]
    assert drawing([a_look()], [a_tab(protections=(protection(WHOLE_TAB),))]).remarks == ()


@pytest.mark.parametrize(
    ("present", "drawn"),
    [
        (protection(WHOLE_TAB, "của chị Lan", closed_to_us=True), False),
        (protection(WHOLE_TAB, closed_to_us=True), False),
        (protection(Area(4, 2, 5, 2), "của chị Lan", closed_to_us=True), False),
        (protection(Area(4, 9, 5, 9), "của chị Lan", closed_to_us=True), True),
        (protection(WHOLE_TAB, "của chị Lan"), True),
    ],
)
def test_a_tab_that_is_closed_to_the_bot_is_left_alone_and_named(present: PresentProtection, drawn: bool) -> None:
    look = a_look(columns=(ColumnLook(5, "E", 9, Format.TEXT),), editors=(ADMIN,))
    found = drawing([look], [a_tab(protections=(present,))])
    assert bool(found.tabs) is drawn
    assert any("Bệnh viện" in remark and BOT in remark for remark in found.remarks) is not drawn


COMPUTED = a_look(columns=tuple(ColumnLook(n, "", 9, computed=n in (2, 3, 5)) for n in range(1, 6)), body_rows=10)
LEFT, RIGHT = Area(1, 2, 11, 3), Area(1, 5, 11, 5)


@pytest.mark.parametrize(
    ("present", "asked"),
    [
        ([], ["addProtectedRange"] * 2),
        ([(LEFT, OURS), (RIGHT, OURS)], []),
        ([(replace(LEFT, bottom=None), OURS), (replace(RIGHT, bottom=90), OURS)], []),
        ([(LEFT, OURS), (Area(1, 4, 11, 4), OURS)], ["updateProtectedRange"]),
        ([(LEFT, OURS), (RIGHT, OURS), (RIGHT, OURS)], ["deleteProtectedRange"]),
        ([(LEFT, OURS), (RIGHT, OURS), (RIGHT, "của chị Lan")], []),
    ],
)
def test_computed_columns_of_an_open_tab_warn(present: list[tuple[Area, str]], asked: list[str]) -> None:
    there = tuple(protection(area, mark, warning_only=True, users=None) for area, mark in present)
    found = requests(COMPUTED, a_tab(protections=there))
    assert [kind for kind in kinds(found) if "Protected" in kind] == asked


# --- charts -----------------------------------------------------------------------------------------------

CHART = ChartLook("Tiến độ", ChartKind.BAR, 3, 8, 1, (2, 3), 10, 2)


def test_a_chart_is_put_up_once_and_follows_its_cells() -> None:
    look = a_look(charts=(CHART,))
    tab = a_tab(rows=99, columns=30)
    spec = of_kind("addChart", requests(look, tab))[0]["chart"]["spec"]
    returned = json.loads(json.dumps(spec)) | {"fontName": "Roboto"}
    assert requests(look, replace(tab, charts=(PresentChart(5, returned),))) == []
    longer = a_look(charts=(replace(CHART, last_row=9),))
    found = requests(longer, replace(tab, charts=(PresentChart(5, returned), PresentChart(6, {"title": "Của Lan"}))))
    assert [each["chartId"] for each in of_kind("updateChartSpec", found)] == [5]
    assert kinds(found) == ["updateChartSpec"]


@pytest.mark.parametrize(
    ("kind", "axis"), [(ChartKind.BAR, "BOTTOM_AXIS"), (ChartKind.COLUMN, "LEFT_AXIS"), (ChartKind.LINE, "LEFT_AXIS")]
)
def test_values_lie_along_the_axis_that_the_kind_has_for_them(kind: ChartKind, axis: str) -> None:
    found = requests(a_look(charts=(replace(CHART, kind=kind),)), a_tab(sheet_id=0, rows=99, columns=30))
    spec = of_kind("addChart", found)[0]["chart"]["spec"]
    assert {each["targetAxis"] for each in spec["basicChart"]["series"]} == {axis}
    assert spec["hiddenDimensionStrategy"] == "SHOW_ALL"


# --- the whole --------------------------------------------------------------------------------------------


def test_eighty_units_take_few_batches() -> None:
    looks = default_looks()
    fresh = Present("en_US", "Etc/GMT", (PresentTab(0, "Sheet1", 1000, 26),))
    found = drawing_requests(for_admin(looks), fresh, BOT)
    batches = list(portions(found.tabs))
    assert len(looks) > 90
    assert len(batches) <= 5
    assert max(len(json.dumps([part.requests for part in batch])) for batch in batches) <= 2_000_000
    assert [part for batch in batches for part in batch] == list(found.tabs)
    cells = sum(
        grid["rowCount"] * grid["columnCount"]
        for each in of_kind("addSheet", found.requests)
        for grid in [each["properties"]["gridProperties"]]
    )
    assert cells < 1_000_000


def test_requests_to_a_tab_come_after_the_one_that_adds_it() -> None:
    seen: set[int] = set()
    fresh = Present("en_US", "Etc/GMT", ())
    for request in drawing_requests(for_admin(default_looks()), fresh, BOT).requests:
        if "addSheet" in request:
            seen.add(request["addSheet"]["properties"]["sheetId"])
        else:
            assert {
                int(part.split(",")[0].rstrip("}")) for part in json.dumps(request).split('"sheetId": ')[1:]
            } <= seen


class FickleClient(GoogleClient):
    """Shows a spreadsheet without tabs; answers batches as told, and refuses those in which a word stands."""

    def __init__(self, *answers: Exception | None, refused: Sequence[str] = ()) -> None:
        self.answers = list(answers)
        self.refused = refused
        self.posted = 0
        self.done: list[Request] = []
        self.reads = 0

    def fetch_sheet_metadata(self, id: str, params: ParamsType | None = None) -> dict[str, Any]:  # noqa: ARG002
        self.reads += 1
        return {"properties": {"locale": "vi_VN", "timeZone": "Asia/Ho_Chi_Minh"}}

    def request(self, *_: object, **__: object) -> Response:
        """Nothing is known by its identity yet."""
        nothing = Response()
        nothing.status_code, nothing._content = 200, b"{}"
        return nothing

    def batch_update(self, id: str, body: Mapping[str, Any] | None) -> dict[str, Any]:  # noqa: ARG002
        assert body is not None
        self.posted += 1
        written = json.dumps(body, ensure_ascii=False)
        if any(word in written for word in self.refused):
            raise RequestRefused("Google không nhận.")
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer
        self.done += body["requests"]
        return {}


def test_a_lost_answer_is_followed_by_another_look() -> None:
    client = FickleClient(GoogleUnavailable("lost", may_have_happened=True))
    draw(GoogleApi(client), "id", [a_look(editors=(ADMIN,))])
    assert client.reads == 2


@pytest.mark.parametrize(("errors", "reads"), [([False], 1), ([True] * 3, 3), ([True, False], 2)])
def test_other_failures_end_it(errors: list[bool], reads: int) -> None:
    client = FickleClient(*(GoogleUnavailable("x", may_have_happened=happened) for happened in errors))
    with pytest.raises(GoogleUnavailable):
        draw(GoogleApi(client), "id", [a_look(editors=(ADMIN,))])
    assert client.reads == reads


UNITS = [a_look(title=f"Đơn vị {n}", editors=(f"dv{n}@example.org",), values=((1, 1, f"tên {n}."),)) for n in range(40)]


def test_an_address_that_google_refuses_leaves_one_tab_open_and_is_told() -> None:
    client = FickleClient(refused=["dv13@example.org"])
    remarks = draw(GoogleApi(client), "id", for_admin(UNITS), BOT).remarks
    assert remarks == (text("google_drawing.not_restricted", tabs="Đơn vị 13"),)
    made = [each["protectedRange"]["editors"]["users"][0] for each in of_kind("addProtectedRange", client.done)]
    assert sorted(made) == sorted(f"dv{n}@example.org" for n in range(40) if n != 13)
    assert client.posted <= 16


def test_a_tab_that_google_does_not_let_us_change_keeps_no_other_back() -> None:
    client = FickleClient(refused=["tên 7.", "tên 8."])
    remarks = draw(GoogleApi(client), "id", for_admin(UNITS), BOT).remarks
    assert remarks == (text("google_drawing.refused", tabs="Đơn vị 7, Đơn vị 8", reason="Google không nhận."),)
    assert len(of_kind("updateCells", client.done)) == 38


def test_where_google_refuses_everybody_it_is_not_asked_for_each() -> None:
    client = FickleClient(refused=["@example.org"])
    remarks = draw(GoogleApi(client), "id", for_admin(UNITS), BOT).remarks
    assert len(remarks) == 1
    assert "và 30 trang khác" in remarks[0]
    assert client.posted <= 30


def test_a_spreadsheet_that_takes_no_new_tabs_is_an_error() -> None:
    with pytest.raises(RequestRefused):
        draw(GoogleApi(FickleClient(refused=["addSheet"])), "id", UNITS)
