"""Everything the workbook says: its tabs, the configuration in force in them, and units' own spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from msgspec.structs import replace

from automation.adapters.config_files import shipped_tables
from automation.app.keeping import Kept
from automation.core.admin.in_force import ConfigInForce, deleted_tabs
from automation.core.config.shipped import ShippedTables
from automation.core.config.values import Config
from automation.core.judging.locating import lacks_unit_tabs
from automation.core.model.ports import Store, Workbook
from automation.core.model.workbook import Snapshot


def read_everything(
    book: Workbook, store: Store, shipped: ShippedTables | None = None, kept: Kept | None = None
) -> tuple[Snapshot, ConfigInForce]:
    """The workbook with the spreadsheets that units have of their own, and the configuration in force in it; with a
    second look where a tab that should be there may just have been made.

    `shipped`: out of which comes what the tabs of an earlier version lack, if not out of the tables of this program.
    `kept`: what earlier cycles left. Raises `CannotStart`, `WorkbookUnavailable`.
    """
    shipped, kept = shipped or shipped_tables(), kept or Kept()
    snapshot = book.read()
    if not snapshot.complete and deleted_tabs(snapshot, shipped):  # `init` may have been run elsewhere
        snapshot = book.read(look_around=True)
    in_force = kept.in_force(snapshot, store.last_config(), shipped)
    if not snapshot.complete and (in_force.config is None or lacks_unit_tabs(snapshot, in_force.config)):
        snapshot = book.read(look_around=True)
        in_force = kept.in_force(snapshot, store.last_config(), shipped)
    if in_force.config is None:
        return snapshot, in_force
    changed = {code: record.changed_at.timestamp() for code, record in store.unit_records().items()}
    return with_own_spreadsheets(book, snapshot, in_force.config, changed), in_force


def with_every_tab(book: Workbook, snapshot: Snapshot) -> Snapshot:
    """The same with tabs that were made since somebody looked around last, in units' own spreadsheets, too."""
    shared = snapshot if snapshot.complete else book.read(look_around=True)
    own = book.read_own(list(snapshot.own), look_around=True) if snapshot.own else snapshot.own
    return replace(shared, own=own)


def with_own_spreadsheets(
    book: Workbook, snapshot: Snapshot, config: Config, changed: Mapping[str, float] | None = None
) -> Snapshot:
    """The same with the spreadsheets that units have of their own; those first that were `changed` last (by code of
    the unit), and those of which nothing is known.
    """
    own = [unit for unit in config.units if unit.workbook]
    own.sort(key=lambda unit: (changed or {}).get(unit.code, inf), reverse=True)
    return replace(snapshot, own=book.read_own([unit.workbook for unit in own])) if own else snapshot
