"""How the config tabs, the registry and the bot's own tables look."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.admin.draft import Value, is_empty
from automation.core.admin.planned_tabs import (
    EXPLANATION_ROW,
    TITLE_ROW,
    PlannedTab,
    headers_of,
    table_in,
)
from automation.core.admin.settings import choices_of_setting
from automation.core.admin.state_lines import explanation_row
from automation.core.config import registry, tabs
from automation.core.config.identity import CONFIG_MARKS, STATE_LINE
from automation.core.config.meanings import all_words, words_of
from automation.core.config.values import Config, FieldCode, FieldType
from automation.core.config.whose_tabs import bot_tag
from automation.core.judging.checks import CHECKS
from automation.core.layout.dropdowns import INPUT_HEADERS, LIST_NAMES, Dropdowns, dropdown_lists, plan_dropdowns
from automation.core.model.layout import CellLook, CellMark, Colour, ColumnLook, Format, Link, Role, TabLook
from automation.core.model.palette import ACCENT, SLATE
from automation.core.model.units import CountsAs, Mode, Severity
from automation.core.model.workbook import Anchor, Row, Tab
from automation.core.reading.cells import as_text, is_blank
from automation.core.reading.columns import place_columns, rows_with_room
from automation.core.reading.tables import FoundTable, body
from automation.core.writing.cell_marks import cell_is_told, marked

ADMIN_COLOUR, BOT_COLOUR = SLATE, ACCENT
"""Tab colours: what the admin keeps, what the bot writes."""

_SPARE_ROWS = 100
_WIDEST_PRINT = 226
"""What an A4 page that lies takes with letters of 6 points."""
_YES_NO = ("Có", "Không")


class _Column(Struct, frozen=True):
    """What is particular about one column."""

    width: float
    wrap: bool = False
    format: Format = Format.TEXT
    choices: tuple[str, ...] = ()
    list_name: str = ""
    """The list of `dropdowns` whose values the column takes."""


_COLUMNS: Mapping[str, Mapping[str, _Column]] = {
    tabs.SETTINGS: {
        "Mục": _Column(27, wrap=True),
        "Giá trị": _Column(58, wrap=True),
        "Giải thích": _Column(70, wrap=True),
    },
    tabs.FIELDS: {
        "Mã": _Column(21),
        "Tiêu đề": _Column(25, wrap=True),
        "Tên khác": _Column(52, wrap=True),
        "Kiểu": _Column(19, choices=words_of(FieldType)),
        "Danh mục": _Column(21, list_name=LIST_NAMES),
        "Bắt buộc": _Column(11, choices=_YES_NO),
        "Dùng": _Column(9, choices=_YES_NO),
        "Hướng dẫn nhập": _Column(56, wrap=True),
    },
    tabs.LISTS: {
        "Danh mục": _Column(22, list_name=LIST_NAMES),
        "Giá trị": _Column(32, wrap=True),
        "Cách viết khác": _Column(66, wrap=True),
        "Tính": _Column(14, choices=all_words()),
    },
    tabs.RULES: {
        "Mã": _Column(27),
        "Chế độ": _Column(10, choices=words_of(Mode)),
        "Mức độ": _Column(12, choices=words_of(Severity)),
        "Cột": _Column(23, list_name=INPUT_HEADERS),
        "Phép kiểm tra": _Column(17, choices=tuple(CHECKS)),
        "Tham số": _Column(36, wrap=True),
        "Khi": _Column(42, wrap=True),
        "Thông báo": _Column(66, wrap=True),
    },
    tabs.STATUSES: {
        "Thứ tự": _Column(9, format=Format.INTEGER),
        "Mã": _Column(17),
        "Trạng thái": _Column(28, wrap=True),
        "Khi": _Column(58, wrap=True),
        "Tính": _Column(17, choices=words_of(CountsAs)),
        "Việc cần làm": _Column(66, wrap=True),
        "Màu": _Column(11),
    },
    tabs.PART_RATES: {
        "Mã": _Column(17),
        "Tên": _Column(34, wrap=True),
        "Khi": _Column(80, wrap=True),
    },
    tabs.DOCUMENTS: {
        "Số": _Column(32, wrap=True),
        "Ngày": _Column(13),
        "Trích yếu": _Column(90, wrap=True),
        "Hiệu lực từ": _Column(13),
        "Hiệu lực đến": _Column(13),
    },
    tabs.LADDER: {
        "Mã": _Column(16),
        "Chế độ": _Column(10, choices=words_of(Mode)),
        "Khi gửi": _Column(48, wrap=True),
        "Điều kiện": _Column(34, wrap=True),
        "Gửi tới": _Column(36, wrap=True),
        "Mẫu thư": _Column(15),
    },
    tabs.REGISTRY: {
        column.header: _Column(column.width, column.wrap, column.format)
        for column in (*registry.FILLED_IN, *registry.COMPUTED)
    },
    tabs.HISTORY: {
        "Ngày": _Column(13, format=Format.DATE),
        "Mã": _Column(22),
        "Đơn vị": _Column(46, wrap=True),
        "Tổng số": _Column(11, format=Format.INTEGER),
        "Hoàn thành": _Column(12, format=Format.INTEGER),
        "Tỷ lệ": _Column(10, format=Format.RATE),
        "Ngoài diện": _Column(11, format=Format.INTEGER),
        "Mã chiến dịch": _Column(18),
    },
    tabs.JOURNAL: {
        "Thời điểm": _Column(18, format=Format.MOMENT),
        "Loại": _Column(14),
        "Nơi": _Column(40, wrap=True),
        "Nội dung": _Column(100, wrap=True, format=Format.GENERAL),
    },
    tabs.MAILS: {
        "Thời điểm": _Column(18, format=Format.MOMENT),
        "Mã": _Column(22),
        "Đơn vị": _Column(40, wrap=True),
        "Gửi tới": _Column(28, wrap=True),
        "Mẫu thư": _Column(12),
        "Mức": _Column(14),
        "Lý do": _Column(36, wrap=True),
        "Kết quả": _Column(16),
        "Ghi chú": _Column(50, wrap=True, format=Format.GENERAL),
        "Mã thư": _Column(40, format=Format.GENERAL),
    },
}

_MARKS = _Column(60, wrap=True, format=Format.GENERAL)

_FROZEN = {tabs.SETTINGS: 1, tabs.RULES: 1, tabs.STATUSES: 3, tabs.LADDER: 1, tabs.REGISTRY: 2}


def config_looks(
    planned: Mapping[str, PlannedTab], config: Config, mail_kinds: Sequence[str], links: Mapping[str, Link]
) -> tuple[tuple[TabLook, ...], Dropdowns]:
    """The looks of the config tabs in their order, and the dropdowns that the units' tabs refer to. `links`: what opens
    the tab of each unit, by its code.
    """
    dropdowns = plan_dropdowns(planned[tabs.LISTS], dropdown_lists(config))
    looks = []
    for title in tabs.CONFIG_TABS:
        tab = planned[title]
        columns = list(_columns(title, tab.table, dropdowns, mail_kinds)) if tab.table else []
        values = [*tab.values]
        if title == tabs.LISTS:
            columns += dropdowns.columns
            values += dropdowns.values
        if title == tabs.REGISTRY:
            values += _tab_titles(tab, config)
        look = _config_look(title, tab, columns, values, _status_colours(title, tab, config))
        if title == tabs.REGISTRY:
            look = replace(look, cells=(*look.cells, *_opening(tab, links)))
        choices = tuple(_setting_choices(tab, config)) if title == tabs.SETTINGS else ()
        looks.append(replace(look, marks=_marks(title, tab), cell_choices=choices))
    return tuple(looks), dropdowns


def _config_look(
    title: str,
    tab: PlannedTab,
    columns: Sequence[ColumnLook],
    values: Sequence[Value],
    colours: Sequence[Colour],
) -> TabLook:
    header_row = tab.table.header_row if tab.table else 0
    return TabLook(
        title=tab.title,
        tag=bot_tag(title),
        header_row=header_row,
        columns=tuple(columns),
        values=tuple(values),
        cells=_heading(columns) if tab.is_new else (),
        row_heights=((TITLE_ROW, 26), (EXPLANATION_ROW, 52)) if tab.is_new else (),
        frozen_columns=_FROZEN.get(title, 0),
        colours=tuple(colours),
        body_rows=rows_with_room(len(tab.rows) - header_row, _SPARE_ROWS),
        filled_rows=len(tab.rows),
        tab_colour=ADMIN_COLOUR,
        pages_across=_pages_across(columns, _FROZEN.get(title, 0)),
        anchors=tuple(_anchors(title, tab, columns)),
    )


def _pages_across(columns: Sequence[ColumnLook], frozen: int) -> int:
    """One where none is frozen: nobody could tell whose lines those of another page are."""
    held = sum(column.width for column in columns if column.column <= frozen)
    others = sum(column.width for column in columns if column.column > frozen and not column.hidden)
    return math.ceil(others / (_WIDEST_PRINT - held)) if 0 < held < _WIDEST_PRINT and others else 1


def _anchors(title: str, tab: PlannedTab, columns: Sequence[ColumnLook]) -> Iterator[Anchor]:
    """What a cycle writes among the admin's: figures of units, marks, the line that tells whether the tab counts."""
    for column in columns:
        if column.header == tabs.CONFIG_MARKS:
            yield Anchor("", CONFIG_MARKS, column.column)
        elif title == tabs.REGISTRY and column.header in tabs.REGISTRY_COMPUTED:
            yield Anchor("", column.header, column.column)
    if (row := explanation_row(title, tab.rows, tab.table)) is not None:
        yield Anchor("", STATE_LINE, row)


def _heading(columns: Sequence[ColumnLook]) -> tuple[CellLook, ...]:
    """Title and explanation above a table that we made; the explanation is as wide as a screen."""
    across, width = 0, 0.0
    for column in columns:
        if column.computed or width >= 120:
            break
        across, width = across + 1, width + column.width
    return (
        CellLook(TITLE_ROW, 1, Role.TITLE),
        CellLook(EXPLANATION_ROW, 1, Role.TEXT, across=across),
    )


def _columns(title: str, table: FoundTable, dropdowns: Dropdowns, mail_kinds: Sequence[str] = ()) -> list[ColumnLook]:
    columns = []
    computed = (*_own_headers(title), *tabs.REGISTRY_COMPUTED, tabs.CONFIG_MARKS)
    for header, spec in (*_COLUMNS[title].items(), (tabs.CONFIG_MARKS, _MARKS)):
        if header not in table.columns:
            continue
        columns.append(
            ColumnLook(
                column=table.columns[header],
                header=header,
                width=spec.width,
                format=spec.format,
                choices=tuple(mail_kinds) if (title, header) == (tabs.LADDER, "Mẫu thư") else spec.choices,
                choices_range=dropdowns.range_of(spec.list_name),
                note=_note(title, header),
                computed=header in computed,
                wrap=spec.wrap,
            )
        )
    return columns


def _note(title: str, header: str) -> str:
    return text("config_marks.note" if header == tabs.CONFIG_MARKS else f"look.note.{title}.{header}")


def _own_headers(title: str) -> tuple[str, ...]:
    return tabs.HEADERS[title] if title in (tabs.HISTORY, tabs.JOURNAL, tabs.MAILS) else ()


def _setting_choices(tab: PlannedTab, config: Config) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The dropdowns of the settings that take one of a few words."""
    if tab.table is None or "Giá trị" not in tab.table.columns:
        return
    levels = config.list_values(FieldCode.LEVEL)
    for number, row in body(tab.rows, tab.table):
        choices = choices_of_setting(as_text(tab.table.cell(row, "Mục")), levels)
        if choices:
            yield number, tab.table.columns["Giá trị"], choices


def _marks(title: str, tab: PlannedTab) -> tuple[CellMark, ...]:
    """None where nothing was ever wrong in the registry: it gets the column of marks with its first mark."""
    table = tab.table
    if table is None or tabs.CONFIG_MARKS not in table.columns:
        return ()
    columns = tuple(sorted(table.columns[header] for header in tabs.HEADERS[title] if header in table.columns))
    return (CellMark(columns, marked([cell_is_told(table.columns[tabs.CONFIG_MARKS], table.header_row + 1)])),)


def _status_colours(title: str, tab: PlannedTab, config: Config) -> list[Colour]:
    """Each status, and the code of its colour, in that colour."""
    if title != tabs.STATUSES or tab.table is None:
        return []
    coloured = [status for status in config.statuses if status.colour]
    label, code = tab.table.columns.get("Trạng thái"), tab.table.columns.get("Màu")
    colours = [Colour(label, status.label, status.colour) for status in coloured] if label else []
    if code:
        colours += [Colour(code, colour, colour) for colour in dict.fromkeys(status.colour for status in coloured)]
    return colours


def _opening(tab: PlannedTab, links: Mapping[str, Link]) -> Iterator[CellLook]:
    """The first figure of each unit opens its tab, or where no number bears a link the title of its tab."""
    table, figure = tab.table, registry.COMPUTED[0]
    column = table.columns.get(figure.header) if table else None
    if table is None or column is None:
        return
    for number, row in body(tab.rows, table):
        link = links.get(as_text(table.cell(row, registry.CODE.header)))
        if link:
            title = table.columns.get(registry.TAB_TITLE.header, 0)
            yield CellLook(number, column, Role.LINK, figure.format, opens=link, text_column=title)


def _tab_titles(tab: PlannedTab, config: Config) -> list[Value]:
    """Pin the derived title of each unit's tab, so that a unit that is renamed keeps it."""
    if tab.table is None:
        return []
    table, column = tab.table, tab.table.columns.get(registry.TAB_TITLE.header)
    if column is None:
        return []
    wanted = [header for header in tabs.HEADERS[tabs.REGISTRY] if header in table.columns]
    lines = [
        (number, row)
        for number, row in body(tab.rows, table)
        if any(as_text(table.cell(row, header)) for header in wanted)
    ]
    return [
        (number, column, unit.tab_title)
        for (number, row), unit in zip(lines, config.units, strict=True)
        if is_blank(table.cell(row, registry.TAB_TITLE.header))
    ]


def log_look(title: str, present: Tab | None, spare: int = _SPARE_ROWS) -> TabLook:
    """The look of a table that the bot alone writes: `Lịch sử`, `Nhật ký`, `Thư đã gửi`. Lost headers come back above
    the rows.

    `spare`: how many lines are to come.
    """
    rows: Sequence[Row] = present.rows if present else ()
    values: list[Value] = []
    table = table_in(title, rows, at_least=3)
    if table is None:
        values = _with_headers(title, rows)
        rows = [tabs.HEADERS[title], *rows]
        table = table_in(title, rows, at_least=3)
    if table is None:
        raise AssertionError(title)
    placed = place_columns(rows, table, {header: header for header in headers_of(title)}, tabs.HEADERS[title])
    values += [(table.header_row, placed.columns[header], header) for header in placed.added]
    found = FoundTable(table.header_row, placed.columns, (), ())
    return TabLook(
        title=present.title if present else title,
        tag=bot_tag(title),
        header_row=table.header_row,
        columns=tuple(_columns(title, found, Dropdowns())),
        values=tuple(values),
        body_rows=rows_with_room(len(rows), spare),
        filled_rows=len(rows),
        tab_colour=BOT_COLOUR,
        printed=_printed(placed.columns) if title == tabs.MAILS else None,
    )


def _printed(columns: Mapping[str, int]) -> tuple[int, int] | None:
    """All but the keys of mails, which are for the bot, where these come last."""
    last = max(columns.values())
    return (1, last - 1) if columns.get("Mã thư") == last > 1 else None


def _with_headers(title: str, rows: Sequence[Row]) -> list[Value]:
    """The headers on line 1; rows that stand there move down by one, unless line 1 is free."""
    lines: list[Row] = [tabs.HEADERS[title]]
    if not is_empty(rows[:1]):
        lines += rows
    return [
        (number, column, value)
        for number, row in enumerate(lines, start=1)
        for column, value in enumerate([*row, *[None] * (len(tabs.HEADERS[title]) - len(row))], start=1)
    ]
