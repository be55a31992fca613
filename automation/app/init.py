"""`tccb init`: create the tabs of a workbook, or bring back what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from automation.adapters.config_files import default_tables, read_csv, shipped_tables
from automation.app.clock import Clock, machine_clock
from automation.app.keeping import guide_source
from automation.app.looking import with_own_spreadsheets
from automation.app.writing_back import refused_tab
from automation.base.errors import CannotStart, NotShared, WorkbookMissing, WorkbookUnavailable
from automation.base.messages import text
from automation.core.admin.completing import read_completed, version_of
from automation.core.admin.draft import is_empty
from automation.core.admin.offers import milder_rules
from automation.core.admin.planned_tabs import PlannedTab, plan_config_tabs, table_in
from automation.core.admin.reader import Refused, read_config
from automation.core.admin.without import tables_without
from automation.core.config import tabs
from automation.core.config.mail_kinds import MAIL_TEMPLATES
from automation.core.config.registry import OPTIONAL_HEADERS
from automation.core.config.shipped import ShippedTables
from automation.core.config.values import Config
from automation.core.config.whose_tabs import as_called_now, bot_tabs
from automation.core.judging.locating import locate, titles_taken
from automation.core.layout.workbook import links_back, plan_own_spreadsheet, plan_workbook
from automation.core.model.layout import Link, TabLook
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, ConfigTables, DrawOutcome, Row, Snapshot
from automation.core.reading.tables import body
from automation.core.text.vietnamese import day_text

_TOLD = (tabs.SETTINGS, tabs.REGISTRY)
"""Tabs whose new rows have a place of their own in the report."""


class SetUpReport(Struct, frozen=True):
    """What `set_up` did. With a configuration that cannot be used, or tabs of people's under the bot's titles, it did
    nothing but find the problems.
    """

    problems: tuple[Problem, ...]
    drawn: bool = True
    """False: it was refused, the workbook is as it was."""
    new_tabs: tuple[str, ...] = ()
    new_headers: tuple[tuple[str, str], ...] = ()
    """(tab, header) of the columns added to config tabs that were there."""
    new_settings: tuple[str, ...] = ()
    new_rows: tuple[tuple[str, str], ...] = ()
    """(tab, row) of what a later version brought to the other config tabs that were there."""
    new_units: tuple[str, ...] = ()
    """Codes of the units added to a registry that was there."""
    remarks: tuple[str, ...] = ()
    """What the workbook has to say about being drawn."""
    unfinished: bool = False
    """Whether one of these tells of tabs that are not drawn yet."""
    mistakes: tuple[Exception, ...] = ()
    """What nobody foresaw while tabs were drawn, for the log."""


def set_up(
    book: Workbook,
    units_csv: Path | None = None,
    clock: Clock = machine_clock,
    shipped: ShippedTables | None = None,
    without: Sequence[str] = (),
    units: Sequence[Row] | None = None,
) -> SetUpReport:
    """Create what the workbook lacks and make every tab look as it should; safe to repeat.

    What people wrote stays as it is: rows of config tabs that are there win over the shipped ones. `units_csv` has
    the headers of tab `Đơn vị`: a new registry holds its units instead of the shipped ones, one that is there gets
    those it lacks. What the tabs of an earlier version lack of `shipped` (the tables of this program, unless others are
    given) is added. The guide says what holds on the day of `clock`. `without`: codes of fields that a new workbook
    does not collect. `units`: the rows of such a CSV, from whoever has them at hand. Raises CannotStart (a CSV that
    cannot be used, fields that cannot be left out), WorkbookBusy, WorkbookUnavailable.
    """
    units = units if units_csv is None else read_units_csv(units_csv)
    snapshot = _present_state(book)
    if snapshot and (taken := titles_taken(snapshot)):
        return SetUpReport(taken, drawn=False)
    shipped = shipped or shipped_tables()
    planned, config, left_out = plan_config(snapshot, shipped, _tables(shipped, without, snapshot), units)
    if isinstance(config, Refused):
        found = (*left_out, *config.problems)
        return SetUpReport(as_called_now(found, snapshot) if snapshot else found, drawn=False)
    today = clock(config.settings.zone).date()
    config = config.on(today)
    looks = plan_workbook(snapshot, config, planned, guide_source(), MAIL_TEMPLATES)
    told = book.draw(looks)
    after = book.read() if told.changed or snapshot is None else snapshot
    own = tuple(_draw_own_spreadsheets(book, config, links_back(after, book.link)))
    now = with_own_spreadsheets(book, after, config)
    offers = milder_rules(config, planned[tabs.RULES].rows, shipped.tables[tabs.RULES])
    not_drawn = (refused_tab(each, text("init.not_drawn_fix")) for each in told.refused)
    report = _report(_problems(now, config, [*left_out, *not_drawn], offers), snapshot, planned, looks)
    mistakes = tuple(each.mistake for each in told.refused if each.mistake)
    drawn = (told, *own)
    said = (remark for each in drawn for remark in each.remarks)
    remarks = (*said, *_campaign_is_over(config, today, is_new=tabs.SETTINGS in report.new_tabs))
    return replace(report, remarks=remarks, unfinished=any(each.unfinished for each in drawn), mistakes=mistakes)


class PlannedConfig(NamedTuple):
    """The config tabs as they will stand."""

    tabs: Mapping[str, PlannedTab]
    config: Config | Refused
    """What they will say."""
    left_out: tuple[Problem, ...]
    """See `Reading`."""


def plan_config(
    snapshot: Snapshot | None, shipped: ShippedTables, tables: ConfigTables, units: Sequence[Row] | None = None
) -> PlannedConfig:
    """What `init` will make of the config tabs. `tables`: what new ones are made of; `units` as in `set_up`."""
    present = _config_tables(snapshot)
    reading = read_completed(present, shipped)
    version = max(shipped.version, version_of(present))
    planned = plan_config_tabs(snapshot, tables, units, reading.brought, version)
    config = read_completed({title: tab.rows for title, tab in planned.items()}, shipped).config
    return PlannedConfig(planned, config, reading.left_out)


def _problems(
    now: Snapshot, config: Config, known: Iterable[Problem], offers: Iterable[Problem]
) -> tuple[Problem, ...]:
    """What a person has to mend once the tabs are drawn, by the names that these have then."""
    located = locate(now, config)
    unreadable = (each.problem for each in located.unreadable)
    return as_called_now((*config.remarks, *known, *unreadable, *located.notices, *offers), now)


def _campaign_is_over(config: Config, today: date, *, is_new: bool) -> Iterator[str]:
    """What a new workbook begins with is the campaign that is shipped, of which the deadline may have passed."""
    deadline = config.settings.deadline
    if is_new and deadline < today:
        yield text("init.campaign_is_over", day=day_text(deadline))


def _tables(shipped: ShippedTables, without: Sequence[str], snapshot: Snapshot | None) -> ConfigTables:
    """What new tabs are made from. A tab that is there keeps what its admin chose: fields are switched off in it."""
    if without and not is_empty(_config_tables(snapshot).get(tabs.FIELDS, ())):
        raise CannotStart(text("init.without_too_late", fields=", ".join(without)))
    return tables_without(without, shipped.tables)


def _draw_own_spreadsheets(book: Workbook, config: Config, links: Mapping[str, Link]) -> Iterator[DrawOutcome]:
    """One that cannot be reached is reported where its unit is looked for afterwards."""
    addresses = dict.fromkeys(unit.workbook for unit in config.units if unit.workbook)
    present = Snapshot((), own=book.read_own(tuple(addresses)))
    for address in addresses:
        if not present.own[address].trouble:
            units = [unit for unit in config.units if unit.workbook == address]
            try:
                yield book.draw_own(address, plan_own_spreadsheet(units, present, config, links))
            except (WorkbookUnavailable, NotShared) as error:
                yield DrawOutcome((str(error),), unfinished=True)


def read_units_csv(path: Path) -> Sequence[Row]:
    """The rows of a list of units, headers first, optional columns that it lacks added.

    Raises CannotStart with the first line and column that cannot be used.
    """
    rows: list[list[Cell]] = [list(row) for row in read_csv(path)]
    table = table_in(tabs.REGISTRY, rows)
    if table is None:
        raise CannotStart(text("init.csv_headers", path=path))
    optional = [header for header in OPTIONAL_HEADERS if header not in table.columns]
    headers = rows[table.header_row - 1]
    headers.extend([None] * (max(map(len, rows)) - len(headers)))
    headers.extend(optional)
    read = read_config({**default_tables(), tabs.REGISTRY: rows})
    if isinstance(read, Refused):
        raise CannotStart(_refusal(path, read.problems))
    if not any(body(rows, table)):
        raise CannotStart(text("init.csv_empty", path=path))
    return rows


def _refusal(path: Path, problems: Sequence[Problem]) -> str:
    first = problems[0]
    where = first.where.removeprefix(text("config.tab", tab=tabs.REGISTRY, cell="")).lstrip(", ")
    return text("init.csv_refused", path=path, where=where, what=first.what, fix=first.fix)


def _config_tables(snapshot: Snapshot | None) -> ConfigTables:
    present = bot_tabs(snapshot) if snapshot else {}
    return {title: tab.rows for title, tab in present.items() if title in tabs.CONFIG_TABS}


def _present_state(book: Workbook) -> Snapshot | None:
    try:
        return book.read()
    except WorkbookMissing:
        return None


def _report(
    problems: tuple[Problem, ...],
    snapshot: Snapshot | None,
    planned: Mapping[str, PlannedTab],
    looks: Sequence[TabLook],
) -> SetUpReport:
    there = {tab.title for tab in snapshot.tabs} if snapshot else set()
    return SetUpReport(
        problems,
        new_tabs=tuple(look.title for look in looks if look.title not in there),
        new_headers=tuple((title, header) for title, tab in planned.items() for header in tab.added_headers),
        new_settings=planned[tabs.SETTINGS].added_rows,
        new_rows=tuple((title, row) for title, tab in planned.items() if title not in _TOLD for row in tab.added_rows),
        new_units=planned[tabs.REGISTRY].added_rows,
    )
