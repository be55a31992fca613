"""Which configuration is in force: one that is in order as a whole, or else the last that was."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from msgspec import Struct

from automation.base.errors import WorkbookNotPrepared
from automation.base.messages import text
from automation.core.admin.changes import ConfigChange, config_changes
from automation.core.admin.completing import read_completed, version_of
from automation.core.admin.reader import Refused
from automation.core.admin.state_lines import ConfigState
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.config.values import Config
from automation.core.config.whose_tabs import as_called_now, bot_tabs
from automation.core.model.ports import SavedConfig
from automation.core.model.problems import Place, Problem
from automation.core.model.workbook import ConfigTables, Snapshot
from automation.core.text.moments import MOMENT, local, to_the_minute
from automation.core.text.vietnamese import quoted_list

NOTHING_SHIPPED = ShippedTables()


class ConfigInForce(Struct, frozen=True, dict=True):
    """The configuration in force, what stands in the tabs, and what is wrong with it."""

    config: Config | None
    tables: ConfigTables
    fresh: bool
    """The tabs themselves were in order; False: the last good configuration decides."""
    problems: tuple[Problem, ...]
    last: SavedConfig | None
    """The last configuration that was in order."""
    shipped: ShippedTables = NOTHING_SHIPPED
    """What the tabs of an earlier version were completed from."""

    @property
    def refusal(self) -> Refusal | None:
        """What the admin is to be told; None with a fresh configuration, or where none names an admin."""
        if self.fresh or self.config is None or self.last is None:
            return None
        found = tuple(problem for problem in self.problems if problem.place)
        return Refusal(found, self.last.in_force_since, self.last.saved_at)

    def state(self, now: datetime) -> ConfigState:
        """What the config tabs say of themselves. `now`: in the zone of the configuration in force."""
        since = self.since(now)
        if since is None or self.config is None:
            return ConfigState(self.fresh)
        here = local(since, self.config.settings.zone)
        return ConfigState(self.fresh, to_the_minute(here))

    def since(self, now: datetime) -> datetime | None:
        """When the configuration in force came into force; `now` for one that is new, None where there is none."""
        if self.config is None:
            return None
        if not self.fresh or (self.last and not self._differs):
            return self.last.in_force_since if self.last else None
        return now

    @cached_property
    def _differs(self) -> bool:
        """Whether the tabs say anything else than the last configuration that was in order."""
        return self.last is None or bool(config_changes(self.last.tables, self.tables))

    def with_tabs(self, proposed: ConfigTables) -> Config | Refused:
        """The configuration as it would be with other tabs in place of those of the same titles."""
        return read_completed({**self.tables, **proposed}, self.shipped).config

    def changes_to_note(self) -> tuple[ConfigChange, ...]:
        """What the journal does not know yet of the configuration in force; the first one ever is no change."""
        if not self.fresh or self.last is None:
            return ()
        known = self.last.tables if self.last.journalled is None else self.last.journalled
        return config_changes(known, self.tables)

    def to_save(self, now: datetime, journal_written: bool) -> SavedConfig:
        """A fresh configuration as it is to be remembered."""
        since = self.since(now) or now
        if self.last is None:
            return SavedConfig(now, self.tables, since)
        known = self.last.tables if self.last.journalled is None else self.last.journalled
        return SavedConfig(now, self.tables, since, None if journal_written else known)


def config_in_force(
    snapshot: Snapshot, last: SavedConfig | None, shipped: ShippedTables = NOTHING_SHIPPED
) -> ConfigInForce:
    """Which configuration decides: that of the tabs as a whole, or the last good one in place of a broken one.

    A tab that was deleted counts as broken; what is newer than the workbook comes out of `shipped`. Raises
    WorkbookNotPrepared where tabs are missing and there never was a good configuration.
    """
    present = {title: tab.rows for title, tab in bot_tabs(snapshot).items()}
    missing = deleted_tabs(snapshot, shipped)
    if missing and last is None:
        names = quoted_list(missing)
        raise WorkbookNotPrepared(text("cycle.not_prepared", tabs=names))
    remembered = last.tables if last else {}
    tables = {title: present.get(title, remembered.get(title, ())) for title in tabs.CONFIG_TABS}
    reading = read_completed(tables, shipped)
    read = reading.config
    if not missing and not isinstance(read, Refused):
        notices = as_called_now((*reading.notices, *read.remarks), snapshot)
        return ConfigInForce(read, tables, True, notices, last, shipped)
    wrong = (*map(_deleted, missing), *(read.problems if isinstance(read, Refused) else ()))
    problems = as_called_now(wrong, snapshot)
    good = read_completed(last.tables, shipped).config if last else read
    if last is None or isinstance(good, Refused):
        return ConfigInForce(None, tables, False, (_no_config(), *problems), last, shipped)
    return ConfigInForce(good, tables, False, (_last_good(last, good, len(problems)), *problems), last, shipped)


def deleted_tabs(snapshot: Snapshot, shipped: ShippedTables = NOTHING_SHIPPED) -> list[str]:
    """The config tabs that are not there, but for those that are newer than the workbook."""
    present = {title: tab.rows for title, tab in bot_tabs(snapshot).items()}
    version = version_of({tabs.SETTINGS: present.get(tabs.SETTINGS, ())})
    return [title for title in tabs.CONFIG_TABS if title not in present and shipped.version_of_tab(title) <= version]


def _deleted(title: str) -> Problem:
    return Problem(
        where=text("config.tab", tab=title, cell=""),
        what=text("cycle.config_tab_deleted.what"),
        fix=text("cycle.config_tab_deleted.fix"),
        place=Place(title),
    )


def _no_config() -> Problem:
    return Problem(text("cycle.config_where"), text("cycle.config_none.what"), text("cycle.config_none.fix"))


def _last_good(last: SavedConfig, config: Config, count: int) -> Problem:
    since = local(last.in_force_since, config.settings.zone)
    return Problem(
        text("cycle.config_where"),
        text("cycle.config_last.what", count=count, moment=f"{since:{MOMENT}}"),
        text("cycle.config_last.fix"),
        mailed_apart=True,
    )


class Refusal(Struct, frozen=True):
    """A configuration that was refused."""

    problems: tuple[Problem, ...]
    since: datetime
    """When the configuration in force came into force."""
    last_seen: datetime
    """When the tabs were last in order; the refusals from then on are one story."""
