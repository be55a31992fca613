"""Types made-up people and a made-up past into a workbook."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from automation.adapters.config_files import shipped_tables
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.base.private_files import make_private_folder
from automation.core.admin.in_force import config_in_force
from automation.core.config import tabs
from automation.core.config.ladder import Start
from automation.core.config.registry import filled_in
from automation.core.config.values import Config, FieldCode, Settings
from automation.core.config.whose_tabs import bot_tab, titled_tab
from automation.core.judging.judging import judge
from automation.core.judging.lists.unit_table import UnitTable, declared_cells, find_unit_table
from automation.core.mail.reminders import key_in_mode, mail_key
from automation.core.model.mail import DeliveryTerms, Mail
from automation.core.model.ports import Store, Workbook
from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.demo.campaign import DemoUnit
from automation.demo.past import DAYS, make_past, typed_past

SEED = 2536
"""The demo is the same on every machine."""


def write_units(path: Path, campaign: Sequence[DemoUnit]) -> None:
    """The registry of the campaign, as an admin would hand it to `tccb init --units`."""
    make_private_folder(path.parent)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(tabs.HEADERS[tabs.REGISTRY])
        writer.writerows(filled_in(each.unit) for each in campaign)


def fill(book: Workbook, campaign: Sequence[DemoUnit], config: Config) -> None:
    """Type the campaign's people into the units' tabs, as their staff would have."""
    snapshot = book.read()
    typed = [cell for unit in campaign for cell in _typed(unit, titled_tab(snapshot, unit.unit), config)]
    _write(book, typed, snapshot)


def fill_past(book: Workbook, store: Store, now: datetime) -> None:
    """Type into `Lịch sử` what it would hold of the days before, had the bot run then."""
    snapshot = book.read()
    in_force = config_in_force(snapshot, store.last_config(), shipped_tables())
    tab = bot_tab(snapshot, tabs.HISTORY)
    if in_force.config is None or tab is None:
        raise CannotStart(text("demo.changed_meanwhile", path=book.address))
    standings = judge(snapshot, in_force.config, store.unit_records(), now).standings
    past = make_past(standings, now.date(), SEED)
    _write(book, list(typed_past(past, tab, in_force.config.settings.campaign_code)), snapshot)
    _note_kick_offs(store, in_force.config, now - timedelta(days=DAYS))


def _note_kick_offs(store: Store, config: Config, begun: datetime) -> None:
    """The campaign began then, with a mail to each unit but the last, which was added since."""
    rungs = [rung.code for rung in config.rungs if isinstance(rung.due, Start)]
    with store.transaction(begun) as ledger:
        for unit in config.units[:-1] if rungs else ():
            ledger.queue(_kick_off(unit.code, rungs[0], config.settings, begun), begun)
    store.deliver(_Gone(), begun, DeliveryTerms(real=config.settings.mail_mode_real))


def _kick_off(unit: str, rung: str, settings: Settings, begun: datetime) -> Mail:
    """Of which nothing is known any more but that it went."""
    day, address = begun.date(), settings.test_address
    return Mail(
        key=key_in_mode(mail_key(settings.campaign_code, unit, rung, day), settings),
        kind=rung,
        unit=unit,
        rung=rung,
        day=day,
        to=(address,),
        cc=(),
        sender=settings.mail_from,
        reply_to=settings.reply_to,
        subject="",
        text="",
        html="",
        trial=not settings.mail_mode_real,
    )


class _Gone:
    """Where mails of the past went."""

    def send(self, mail: Mail, message_id: str, queued_at: datetime, before_content: Callable[[], None]) -> None:
        """Nothing comes of it."""

    def close(self) -> None:
        """Nothing is open."""


def _write(book: Workbook, typed: Sequence[CellChange], snapshot: Snapshot) -> None:
    if not book.write(typed, snapshot).held:
        raise CannotStart(text("demo.changed_meanwhile", path=book.address))


def _typed(unit: DemoUnit, tab: Tab | None, config: Config) -> Iterator[CellChange]:
    table = find_unit_table(unit.unit.code, tab, config) if tab else None
    if tab is None or table is None:
        raise CannotStart(text("demo.changed_meanwhile", path=unit.unit.tab_title))
    yield from _declared(unit, table, config)
    row = table.table.header_row
    for offset, person in enumerate(unit.rows, start=1):
        for code, value in person.items():
            if value is not None:
                yield CellChange(tab.key, row + offset, table.table.columns[code], value)
    if unit.own_column:
        column = max(len(cells) for cells in tab.rows) + 1
        for offset, cell in enumerate((unit.own_column.header, *unit.own_column.cells)):
            if cell is not None:
                yield CellChange(tab.key, row + offset, column, cell)


def _declared(unit: DemoUnit, table: UnitTable, config: Config) -> Iterator[CellChange]:
    declaration = unit.declaration
    values: Mapping[str, Cell] = {
        FieldCode.HEADCOUNT: declaration.headcount,
        FieldCode.DISSEMINATED_ON: declaration.disseminated_on,
        FieldCode.DISSEMINATED_BY: declaration.disseminated_by or None,
        FieldCode.INFORMED: declaration.informed,
        FieldCode.RELATIVES: declaration.relatives,
        FieldCode.REPORTED_ON: declaration.reported_on,
        FieldCode.LIST_COMPLETE: "x" if declaration.list_complete else None,
    }
    places = declared_cells(table.tab.rows[: table.table.header_row - 1], config)
    for code, value in values.items():
        if value is not None and code in places:
            yield CellChange(table.tab.key, *places[code], value)
