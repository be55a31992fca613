"""A copy as a tab of its own, beside the one that was damaged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import tzinfo

from automation.base.messages import text
from automation.core.config.registry import ROLES, addresses_of
from automation.core.config.values import Config, FieldType
from automation.core.config.whose_tabs import copy_tag
from automation.core.model.layout import CellLook, ColumnLook, Format, Protection, Role, TabLook
from automation.core.model.units import Unit
from automation.core.model.workbook import Cell
from automation.core.reading.cells import as_text, fold, is_blank
from automation.core.records.copies import KeptCopy
from automation.core.text.moments import MOMENT

LONGEST_TITLE = 31
"""What Excel allows."""
_WIDTH = 18.0
_ACROSS = 8
"""Columns of that width in which the sentence of line 1 takes two lines."""
_LINE_HEIGHT = 36.0


def restored_look(copy: KeptCopy, title: str, zone: tzinfo, unit: Unit | None, config: Config) -> TabLook:
    """The tab of that title, each cell where it stood, so that formulas speak of the same cells. `unit`: whose people
    may edit it beside the admins; None of a config tab, which the admins alone may.
    """
    types = {field.code: field.type for field in config.fields}
    return TabLook(
        title=title,
        tag=copy_tag(copy.note.of, copy.note.taken_at),
        behind=copy.title,
        header_row=copy.header_row,
        columns=tuple(_columns(copy, types)),
        values=tuple(_values(copy, zone)),
        cells=(CellLook(1, 1, Role.TEXT, across=_across(copy)),) if _has_room(copy) else (),
        row_heights=((1, _LINE_HEIGHT),) if _has_room(copy) else (),
        protection=Protection.OPEN if unit else Protection.STRICT,
        body_rows=max(1, len(copy.rows) - copy.header_row),
        filled_rows=len(copy.rows),
        editors=tuple(address for role in ROLES for address in addresses_of(unit, role)) if unit else (),
        admins=config.settings.admins,
    )


def title_of(copy: KeptCopy, zone: tzinfo, taken: Collection[str]) -> str:
    """The title of the tab: that of the damaged one and the hour, none of those `taken`."""
    moment = f"{copy.note.taken_at.astimezone(zone):%d-%m, %Hg%M}"
    for number in range(1, len(taken) + 2):
        again = f" ({number})" if number > 1 else ""
        behind = text("restoring.tab_title", moment=moment) + again
        title = copy.title[: LONGEST_TITLE - len(behind)].rstrip() + behind
        if fold(title) not in {fold(each) for each in taken}:
            return title
    raise AssertionError(taken)


def _columns(copy: KeptCopy, types: Mapping[str, FieldType]) -> Iterator[ColumnLook]:
    headers = copy.rows[copy.header_row - 1] if copy.header_row <= len(copy.rows) else ()
    for code, places in copy.columns.items():
        for column in places:
            header = as_text(headers[column - 1]) if column <= len(headers) else ""
            yield ColumnLook(column, header, _WIDTH, _format(types.get(code)))


def _format(kind: FieldType | None) -> Format:
    if kind is FieldType.DATE:
        return Format.DATE
    return Format.TEXT if kind in (FieldType.IDENTITY, FieldType.PHONE) else Format.GENERAL


def _values(copy: KeptCopy, zone: tzinfo) -> Iterator[tuple[int, int, Cell]]:
    if _has_room(copy):
        moment = copy.note.taken_at.astimezone(zone)
        yield 1, 1, text("restoring.tab_line", title=copy.title, moment=f"{moment:{MOMENT}}")
    for number, row in enumerate(copy.rows, start=1):
        yield from ((number, column, cell) for column, cell in enumerate(row, 1) if not is_blank(cell))


def _across(copy: KeptCopy) -> int:
    return min(_ACROSS, max((column for places in copy.columns.values() for column in places), default=1))


def _has_room(copy: KeptCopy) -> bool:
    """Whether line 1 is the bot's to say what the tab is."""
    return copy.header_row > 1 and bool(copy.rows) and all(is_blank(cell) for cell in copy.rows[0])
