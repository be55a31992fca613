"""What `tccb init` makes of a workbook: the look of every tab, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from automation.core.admin.planned_tabs import PlannedTab
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tabs, is_reserved, titled_tab
from automation.core.judging.locating import DASHBOARD_LINK, GUIDE_LINK, locate, own_tab
from automation.core.layout.config import config_looks, log_look
from automation.core.layout.dashboard import dashboard_look
from automation.core.layout.dropdowns import Dropdowns
from automation.core.layout.guide import guide_look
from automation.core.layout.unit import unit_look
from automation.core.mail.sent_tab import LINES as MAIL_LINES
from automation.core.model.layout import Link, TabLook
from automation.core.model.units import Unit
from automation.core.model.workbook import Snapshot, Tab
from automation.core.writing.journal import JOURNAL_LINES

_ADDRESS = "https://"
_DAYS_OF_HISTORY = 30
"""That have room before `init` is to be run again."""


def plan_workbook(
    snapshot: Snapshot | None,
    config: Config,
    planned: Mapping[str, PlannedTab],
    guide: str,
    mail_kinds: Sequence[str],
) -> tuple[TabLook, ...]:
    """The looks of all tabs, in the order in which a new workbook has them.

    `snapshot`: the workbook as it is, None where there is none. `planned`: its config tabs as they will stand, out of
    which `config` was read. `guide`: the source of tab `Hướng dẫn`. `mail_kinds`: what `Mẫu thư` may name.
    Cells that people fill in are left alone; a unit's tab that has lost its headers gets no look at all.
    """
    present = bot_tabs(snapshot) if snapshot else {}
    tab_of = _unit_tabs(snapshot, config) if snapshot else {}
    links = dict(_links(tab_of, config))
    configuration, dropdowns = config_looks(planned, config, mail_kinds, links)
    guide_tab = guide_look(guide, config, present.get(tabs.GUIDE), links)
    dashboard_tab = present.get(tabs.DASHBOARD)
    opened = [guide_tab.title, dashboard_tab.title if dashboard_tab else tabs.DASHBOARD]
    opened += [link.tab for link in links.values() if link.tab]
    in_a_file = snapshot is None or all(tab.anchors is None for tab in snapshot.tabs)
    dashboard = dashboard_look(config, dashboard_tab, _to_list_of_units(guide_tab), opened if in_a_file else ())
    back = {GUIDE_LINK: Link(guide_tab.title), DASHBOARD_LINK: Link(dashboard.title)}
    looks = (
        guide_tab,
        *configuration,
        dashboard,
        log_look(tabs.HISTORY, present.get(tabs.HISTORY), _DAYS_OF_HISTORY * len(config.units)),
        log_look(tabs.JOURNAL, present.get(tabs.JOURNAL), JOURNAL_LINES),
        log_look(tabs.MAILS, present.get(tabs.MAILS), MAIL_LINES),
        *_unit_looks(tab_of, config, dropdowns, back),
    )
    return tuple(replace(look, admins=config.settings.admins) for look in looks)


def plan_own_spreadsheet(
    units: Sequence[Unit], snapshot: Snapshot, config: Config, links: Mapping[str, Link] = MappingProxyType({})
) -> tuple[TabLook, ...]:
    """The looks of the tabs of `units` in the spreadsheet that they have of their own, as `snapshot.own` shows it.
    `links`: what leads from there to the shared one (`links_back`).
    """
    present = _unit_tabs(snapshot, config)
    looks = (unit_look(unit, present.get(unit.code), config, Dropdowns(), links) for unit in units)
    return tuple(replace(look, admins=config.settings.admins) for look in looks if look is not None)


def links_back(snapshot: Snapshot, address_of: Callable[[str, str], str]) -> dict[str, Link]:
    """What leads from other spreadsheets to guide and dashboard of the shared one, by the keys of what is written
    there. `address_of`: what opens those cells of the tab of that key (`Workbook.link`).
    """
    ours, wanted = bot_tabs(snapshot), {GUIDE_LINK: tabs.GUIDE, DASHBOARD_LINK: tabs.DASHBOARD}
    return {key: Link(address=address_of(ours[title].key, "A1")) for key, title in wanted.items() if title in ours}


def _unit_looks(
    present: Mapping[str, Tab], config: Config, dropdowns: Dropdowns, links: Mapping[str, Link]
) -> Iterator[TabLook]:
    for unit in config.units:
        if not _is_shared(unit):
            continue
        look = unit_look(unit, present.get(unit.code), config, dropdowns, links)
        if look is not None:
            yield look


def _is_shared(unit: Unit) -> bool:
    """Whether it has a tab here: one with a spreadsheet of its own does not want its people in the shared one."""
    return not (is_reserved(unit.tab_title) or unit.workbook)


def _links(present: Mapping[str, Tab], config: Config) -> Iterator[tuple[str, Link]]:
    """What opens the tab of each unit, by its code; nothing for a spreadsheet of which the id alone is known."""
    for unit in config.units:
        if _is_shared(unit):
            yield unit.code, Link(present[unit.code].title if unit.code in present else unit.tab_title)
        elif unit.workbook.startswith(_ADDRESS):
            yield unit.code, Link(address=unit.workbook)


def _to_list_of_units(guide: TabLook) -> Link:
    """To the first line of the guide that opens a unit's tab; to its head where there is none."""
    return Link(guide.title, min((cell.row for cell in guide.cells if cell.opens), default=1))


def _unit_tabs(snapshot: Snapshot, config: Config) -> dict[str, Tab]:
    """The tab of each unit that has one, by code: under its title, or renamed."""
    found = ((u.code, own_tab(u, snapshot, config) if u.workbook else titled_tab(snapshot, u)) for u in config.units)
    titled = {code: tab for code, tab in found if isinstance(tab, Tab)}
    return titled | {table.unit: table.tab for table in locate(snapshot, config).tables}
