"""The workbook itself: its tabs, its configuration, and what the bot needs to find in them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from automation.adapters.config_files import shipped_tables
from automation.adapters.excel.inspection import inspect
from automation.adapters.excel.saving import refuse_if_open
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.looking import with_own_spreadsheets
from automation.base.errors import TccbError, WorkbookBusy
from automation.base.messages import text
from automation.core.admin.in_force import ConfigInForce, config_in_force, deleted_tabs
from automation.core.config import tabs
from automation.core.config.computed import COMPUTED
from automation.core.config.values import Config, FieldCode
from automation.core.config.whose_tabs import as_called_now, bot_tabs, is_reserved, missing_tabs
from automation.core.judging.left_over import left_over, left_over_problems
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.locating import Located, locate
from automation.core.model.inspection import Inspection, TabInspection
from automation.core.model.ports import SavedConfig, Workbook
from automation.core.model.workbook import Snapshot
from automation.core.reading.shown import shown
from automation.core.text.vietnamese import number_text, quoted_list
from automation.doctor.exposure import examine_exposure
from automation.doctor.findings import Finding, named, note, ok, refused, trouble, troubles_of, unchecked

CONTENT = (
    "workbook.config_tabs",
    "workbook.config",
    "workbook.bot_tabs",
    "workbook.unit_tabs",
    "workbook.left_over",
    "workbook.computed",
    "workbook.review",
    "workbook.protections",
)
"""The checks of `examine_content`."""
_READING = CONTENT[2:]
"""Those that make no sense without a configuration."""
_COPY_MARKS = ("bản sao của ", "copy of ")
"""How Google's titles of copies begin."""


class Opened(Struct, frozen=True):
    """A workbook that can be read, and what it holds besides its cells."""

    book: Workbook
    inspection: Inspection
    inspect_own: Callable[[str], Inspection] | None = None
    """Looks at a spreadsheet that a unit has of its own, by its id; None where there are none."""
    account: str | None = None
    """Who we are at Google, "" where we have no name there; None for a file."""


def examine_file(path: Path) -> Generator[Finding, None, Opened | None]:
    """Whether the file can be read and replaced."""
    try:
        inspection = inspect(path)
    except TccbError as error:
        yield refused("workbook.file", error)
        return None
    if not inspection.may_edit:
        yield trouble("workbook.file", "read_only", path=path)
    else:
        yield _open_or_free(path)
    return Opened(ExcelWorkbook(path), inspection)


def _open_or_free(path: Path) -> Finding:
    try:
        refuse_if_open(path)
    except WorkbookBusy:
        return note("workbook.file", "open", path=path)
    return ok("workbook.file", path=path)


def examine_content(opened: Opened, last: SavedConfig | None) -> Generator[Finding, None, Config | None]:
    """Tabs, configuration, headers, what `init` draws; returns the configuration in force, if there is one."""
    try:
        snapshot = opened.book.read(look_around=True)
    except TccbError as error:
        yield refused(CONTENT[0], error)
        yield from unchecked(*CONTENT[1:])
        return None
    missing = deleted_tabs(snapshot, shipped_tables())
    yield _config_tabs(missing)
    if missing and last is None:
        yield from unchecked(*CONTENT[1:])
        return None
    in_force = config_in_force(snapshot, last, shipped_tables())
    yield from _config(in_force)
    if in_force.config is None:
        yield from unchecked(*_READING)
        return None
    try:
        snapshot = with_own_spreadsheets(opened.book, snapshot, in_force.config)
    except TccbError as error:
        yield refused("workbook.unit_tabs", error)
        yield from unchecked("workbook.left_over", "workbook.computed", "workbook.review", "workbook.protections")
        return in_force.config
    located = locate(snapshot, in_force.config)
    yield from _bot_tabs(snapshot, located)
    yield from _unit_tabs(located, snapshot)
    yield from _left_over(located.tables, in_force.config, snapshot)
    yield _computed(located.tables, in_force.config)
    inspections, view_only = _inspections(opened, located.tables)
    yield _review(located.tables, inspections)
    if opened.inspection.may_edit is False:
        yield from unchecked("workbook.protections")
    else:
        yield from _protections(located.tables, inspections, view_only)
    ours = {tab.key: title for title, tab in bot_tabs(snapshot).items()}
    yield from examine_exposure(inspections, ours, located.tables, in_force.config, opened.account)
    return in_force.config


def _inspections(opened: Opened, tables: Sequence[UnitTable]) -> tuple[dict[str, TabInspection], list[str]]:
    """What was found out of each tab, by its key; and the tabs in spreadsheets of units that we may not change."""
    found = {tab.key: tab for tab in opened.inspection.tabs}
    view_only: list[str] = []
    if opened.inspect_own is None:
        return found, view_only
    for spreadsheet in dict.fromkeys(_own_spreadsheet(table) for table in tables):
        if not spreadsheet:
            continue
        try:
            own = opened.inspect_own(spreadsheet)
        except TccbError:  # it could be read just now
            continue
        found |= {f"{spreadsheet}/{tab.key}": tab for tab in own.tabs}
        if own.may_edit is False:
            view_only += [shown(table.tab.title) for table in tables if _own_spreadsheet(table) == spreadsheet]
    return found, view_only


def _own_spreadsheet(table: UnitTable) -> str:
    """The id of the spreadsheet that is the unit's own; "" for the shared one."""
    return table.tab.key.rpartition("/")[0]


def _config_tabs(missing: Sequence[str]) -> Finding:
    if len(missing) == len(tabs.CONFIG_TABS):
        return trouble("workbook.config_tabs", "none")
    if missing:
        return trouble("workbook.config_tabs", "missing", tabs=quoted_list(missing))
    return ok("workbook.config_tabs", count=len(tabs.CONFIG_TABS))


def _config(in_force: ConfigInForce) -> Iterator[Finding]:
    config = in_force.config
    if in_force.fresh and config is not None:
        rules = {rule.code for rule in config.rules}
        yield ok("workbook.config", units=len(config.units), rules=len(rules), fields=len(config.fields))
    yield from troubles_of("workbook.config", in_force.problems)


def _bot_tabs(snapshot: Snapshot, located: Located) -> Iterator[Finding]:
    """Tabs that the bot writes into, and copies that people would take for the real ones."""
    missing = missing_tabs(snapshot)
    used = {table.tab.key for table in located.tables}
    others = [tab.title for tab in snapshot.tabs if tab.key not in used]
    copies = [shown(title) for title in others if title.casefold().startswith(_COPY_MARKS)]
    if missing:
        yield trouble("workbook.bot_tabs", "missing", tabs=quoted_list(missing))
    if copies:
        yield note("workbook.bot_tabs", "copies", tabs=named([f"“{title}”" for title in copies]))
    if not (missing or copies):
        yield ok("workbook.bot_tabs", count=len(snapshot.tabs))


def _unit_tabs(located: Located, snapshot: Snapshot) -> Iterator[Finding]:
    unreadable = (each.problem for each in located.unreadable if not each.emptied)  # which was wanted
    problems = as_called_now((*unreadable, *located.notices), snapshot)
    if not problems:
        yield ok("workbook.unit_tabs", count=number_text(len(located.tables)))
    yield from troubles_of("workbook.unit_tabs", problems)


def _left_over(tables: Sequence[UnitTable], config: Config, snapshot: Snapshot) -> Iterator[Finding]:
    """Values in columns that are not collected any more."""
    found = left_over(tables, config)
    if not found:
        yield ok("workbook.left_over")
    yield from troubles_of("workbook.left_over", as_called_now(left_over_problems(found), snapshot))


def _computed(tables: Iterable[UnitTable], config: Config) -> Finding:
    wanted = [field.code for field in config.fields if field.used and field.code in COMPUTED]
    lacking = [shown(each.tab.title) for each in tables if any(code not in each.table.columns for code in wanted)]
    if lacking:
        return trouble("workbook.computed", "missing", count=len(lacking), tabs=named(lacking))
    return ok("workbook.computed")


def _review(tables: Iterable[UnitTable], inspections: Mapping[str, TabInspection]) -> Finding:
    """Greyed results, where there is the hidden column that tells them."""
    judged = [each.tab for each in tables if FieldCode.JUDGED in each.table.columns]
    reach = {tab.key: inspections[tab.key].reviewed_to for tab in judged if tab.key in inspections}
    lacking = [shown(tab.title) for tab in judged if tab.key in reach and reach[tab.key] is None]
    short = [shown(tab.title) for tab in judged if (last := reach.get(tab.key)) is not None and last < len(tab.rows)]
    if lacking:
        return trouble("workbook.review", "missing", count=len(lacking), tabs=named(lacking))
    if short:
        return trouble("workbook.review", "short", count=len(short), tabs=named(short))
    return ok("workbook.review")


def _protections(
    tables: Iterable[UnitTable], inspections: Mapping[str, TabInspection], view_only: Sequence[str]
) -> Iterator[Finding]:
    """Protections of people that keep the bot from its own cells, or `init` from the tab."""
    ours: dict[str, frozenset[int] | None] = {each.tab.key: _own_columns(each) for each in tables}
    ours |= {key: None for key, tab in inspections.items() if "/" not in key and is_reserved(tab.title)}
    closed = {key: tab for key, tab in inspections.items() if tab.closed and key in ours}
    barred = [tab for key, tab in closed.items() if _keeps_out(tab, ours[key])]
    beside = [tab for tab in closed.values() if tab not in barred]
    if view_only:
        yield trouble("workbook.protections", "view_only", tabs=named(view_only))
    if barred:
        yield trouble("workbook.protections", "barred", tabs=_places(barred))
    if beside:
        yield note("workbook.protections", "beside", tabs=_places(beside))
    if not (closed or view_only):
        yield ok("workbook.protections")


def _own_columns(table: UnitTable) -> frozenset[int]:
    return frozenset(table.table.columns[code] for code in COMPUTED if code in table.table.columns)


def _keeps_out(tab: TabInspection, columns: frozenset[int] | None) -> bool:
    """`columns`: those that the bot writes; None: it writes anywhere in the tab. Its own line is in line 1."""
    if columns is None:
        return True
    return any(area.has_cell(1, 1) or any(map(area.has_column, columns)) for area in tab.closed)


def _places(closed: Sequence[TabInspection]) -> str:
    whole = text("doctor.workbook.protections.whole_tab")
    areas = {tab.key: ", ".join(shown(each.name) or whole for each in tab.closed) for tab in closed}
    return named([f"“{shown(tab.title)}” ({areas[tab.key]})" for tab in closed])
