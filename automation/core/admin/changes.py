"""What changed between two configurations that were in order, cell by cell.

Rows are known by what names them (`Mục`, `Mã`, ...), columns by their headers and cells by what a person reads in
them: to sort rows or to move columns is no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from automation.base.messages import text
from automation.core.admin.planned_tabs import ROW_KEYS, table_in
from automation.core.config import tabs
from automation.core.config.registry import CONTACT_HEADERS
from automation.core.model.workbook import ConfigTables, Row
from automation.core.reading.cells import as_text, fold
from automation.core.reading.tables import body

LINES = 30
"""How many changes are told one by one."""

_LONGEST = 200

_Cells: TypeAlias = Mapping[str, str]
"""header -> text"""


class ConfigChange(Struct, frozen=True):
    """One cell that reads differently now, or one row that is new or gone."""

    tab: str
    row: str
    """What names the row."""
    header: str = ""
    """"" for a whole row."""
    before: str | None = None
    """None where there was no such row."""
    after: str | None = None
    """None where there is no such row any more."""

    @property
    def where(self) -> str:
        """The place in words."""
        place = "row" if not self.header else "setting" if self.tab == tabs.SETTINGS else "cell"
        return text(f"config_changes.where.{place}", tab=self.tab, row=self.row, header=self.header)

    @property
    def what(self) -> str:
        """What happened there, in words."""
        if self.before is None:
            return text("config_changes.added", cells=_short(self.after or "")).rstrip()
        if self.after is None:
            return text("config_changes.removed", cells=_short(self.before)).rstrip()
        if self.header in CONTACT_HEADERS:  # that they changed is told, not what they held
            return text("config_changes.contact")
        return text("config_changes.changed", before=_short(self.before), after=_short(self.after))


def _short(content: str) -> str:
    return content if len(content) <= _LONGEST else f"{content[: _LONGEST - 1].rstrip()}…"


def config_changes(before: ConfigTables, after: ConfigTables) -> tuple[ConfigChange, ...]:
    """Every difference, in the order of the tabs and of the rows as they stand in `after`; rows that are gone last."""
    pairs = ((title, before.get(title, ()), after.get(title, ())) for title in tabs.CONFIG_TABS)
    return tuple(
        change
        for title, earlier, later in pairs
        if [*map(tuple, earlier)] != [*map(tuple, later)]  # spares the reading of what nobody touched
        for change in _tab_changes(title, _rows(title, earlier), _rows(title, later))
    )


def _tab_changes(title: str, before: Mapping[str, _Cells], after: Mapping[str, _Cells]) -> Iterator[ConfigChange]:
    for key, cells in after.items():
        name = _name(title, cells)
        if key not in before:
            yield ConfigChange(title, name, after=_listed(title, cells))
            continue
        for header, value in cells.items():
            earlier = before[key].get(header, "")
            if header not in ROW_KEYS[title] and earlier != value:
                yield ConfigChange(title, name, header, earlier, value)
    for key, cells in before.items():
        if key not in after:
            yield ConfigChange(title, _name(title, cells), before=_listed(title, cells))


def _rows(title: str, rows: Sequence[Row]) -> dict[str, _Cells]:
    """The rows of a tab by what names them."""
    table = table_in(title, rows)
    if table is None:
        return {}
    lines = (
        {header: as_text(table.cell(row, header)) for header in tabs.HEADERS[title]} for _, row in body(rows, table)
    )
    return {fold(_name(title, cells)): cells for cells in lines if any(cells.values())}


def _name(title: str, cells: _Cells) -> str:
    return " · ".join(cells[header] for header in ROW_KEYS[title])


def _listed(title: str, cells: _Cells) -> str:
    """The cells of a whole row in words, without its name and without persons."""
    told = (header for header in cells if cells[header] and header not in (*ROW_KEYS[title], *CONTACT_HEADERS))
    return "; ".join(text("config_changes.part", header=header, value=cells[header]) for header in told)
