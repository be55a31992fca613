"""What `adopt --apply` writes into the config tabs: names of columns to remember, and where units' people stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from automation.base.messages import text
from automation.core.admin.draft import Draft, Value
from automation.core.admin.planned_tabs import table_in
from automation.core.adoption.proposal import Adoption, RegistryStep, Spelling, TabProposal, either
from automation.core.config import registry, tabs
from automation.core.config.shipped import ShippedTables
from automation.core.config.whose_tabs import bot_tabs
from automation.core.model.workbook import Cell, CellChange, Row, Snapshot
from automation.core.reading.cells import as_text, fold, is_blank
from automation.core.reading.shown import shown
from automation.core.reading.tables import FoundTable, body
from automation.core.writing.journal import JournalLine, Repeat

_OTHER_NAMES = "Tên khác"
_BETWEEN_NAMES = " | "


def config_changes(snapshot: Snapshot, adoption: Adoption) -> list[CellChange]:
    """The cells of config tabs that are there: each is added to, but for the tab of a unit in which nobody stands."""
    present = bot_tabs(snapshot)
    return [
        CellChange(tab.key, *value)
        for title in (tabs.FIELDS, tabs.REGISTRY)
        if (tab := present.get(title)) is not None
        for value in _values(title, tab.rows, adoption)
    ]


def shipped_with(shipped: ShippedTables, snapshot: Snapshot, adoption: Adoption) -> ShippedTables:
    """The shipped tables, those of tabs that are not there yet with what they would be changed to."""
    present = bot_tabs(snapshot)
    changed = {title: _changed(title, rows, adoption) for title, rows in shipped.tables.items() if title not in present}
    return ShippedTables({**shipped.tables, **changed}, shipped.additions, shipped.known_fields)


def new_units(shipped: ShippedTables, snapshot: Snapshot, adoption: Adoption) -> list[Row] | None:
    """The lines that the registry gets, headers first, as `init` takes a list of units; None where there are none."""
    lines = [_line(step) for step in adoption.registry if step.is_new]
    if not lines:
        return None
    if tabs.REGISTRY in bot_tabs(snapshot):
        return [[column.header for column in registry.FILLED_IN], *lines]
    return [*_changed(tabs.REGISTRY, shipped.tables[tabs.REGISTRY], adoption), *lines]


def _line(step: RegistryStep) -> Row:
    cells = {registry.CODE.header: step.unit, "Tên đơn vị": step.name, registry.TAB_TITLE.header: step.tab}
    return [cells.get(column.header) for column in registry.FILLED_IN]


def _changed(title: str, rows: Sequence[Row], adoption: Adoption) -> Sequence[Row]:
    draft = Draft(rows)
    for row, column, value in _values(title, rows, adoption):
        draft.replace(row, column, value)
    return draft.rows


def _values(title: str, rows: Sequence[Row], adoption: Adoption) -> Iterator[Value]:
    table = table_in(title, rows)
    if table is None:
        return
    for number, row in body(rows, table):
        if title == tabs.FIELDS:
            yield from _names(number, row, table, adoption.spellings)
        elif title == tabs.REGISTRY:
            yield from _tab(number, row, table, adoption.registry)


def _names(number: int, row: Row, table: FoundTable, spellings: Sequence[Spelling]) -> Iterator[Value]:
    code = fold(as_text(table.cell(row, "Mã")))
    present: Cell = table.cell(row, _OTHER_NAMES)
    known = [fold(each) for each in as_text(present).split("|")]
    new = [each.header for each in spellings if fold(each.code) == code and fold(each.header) not in known]
    if new and _OTHER_NAMES in table.columns:
        names = [*([as_text(present)] if not is_blank(present) else []), *new]
        yield number, table.columns[_OTHER_NAMES], _BETWEEN_NAMES.join(names)


def _tab(number: int, row: Row, table: FoundTable, steps: Sequence[RegistryStep]) -> Iterator[Value]:
    code, header = fold(as_text(table.cell(row, registry.CODE.header))), registry.TAB_TITLE.header
    for step in steps:
        if fold(step.unit) == code and not step.is_new and header in table.columns:
            yield number, table.columns[header], step.tab


# --- what the journal says of it --------------------------------------------------------------------------


def journal_lines(adoption: Adoption) -> Iterator[JournalLine]:
    """What was remembered, and which spellings of values are proposed to the admin; each once."""
    kind = text("adopt.journal.kind")
    for spelling in adoption.spellings:
        where = text("adopt.journal.field", field=spelling.field)
        yield JournalLine(kind, where, text("adopt.journal.spelling", header=shown(spelling.header)))
    for step in adoption.registry:
        key = "new_unit" if step.is_new else "tab"
        said = text(f"adopt.journal.{key}", tab=shown(step.tab), former=shown(step.instead_of))
        yield JournalLine(kind, text("adopt.journal.unit", unit=step.name), said)
    for tab in adoption.tabs:
        yield from _value_lines(kind, tab)


def _value_lines(kind: str, tab: TabProposal) -> Iterator[JournalLine]:
    for table in tab.tables:
        for value in table.values:
            if value.may_mean:
                where = text("adopt.journal.value", tab=shown(tab.title), field=value.field, typed=shown(value.typed))
                said = text("adopt.journal.meaning", count=value.count, meanings=either(value.may_mean))
                yield JournalLine(kind, where, said, Repeat.ONCE)
