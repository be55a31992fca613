"""Who can see the workbook, and who can change what in it, beside who is meant to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.registry import ROLES, addresses_of
from automation.core.config.values import Config
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.inspection import TabInspection
from automation.core.model.units import Unit
from automation.core.reading.shown import shown
from automation.doctor.findings import Finding, named, note, ok, trouble

_CHECK = "workbook.access"


class _Meant(Struct, frozen=True):
    """A tab and who is meant to change it."""

    tab: TabInspection
    people: frozenset[str]
    """In small letters; nobody: whoever may edit the workbook."""

    @property
    def called(self) -> str:
        """The title, as it may stand in a sentence."""
        return f"“{shown(self.tab.title)}”"

    @property
    def besides(self) -> list[str]:
        """Who may change it and is not meant to."""
        editors = (self.tab.closure and self.tab.closure.editors) or ()
        return [each for each in editors if each.casefold() not in self.people]

    @property
    def is_open(self) -> bool:
        return self.tab.closure is None or not self.tab.closure.is_strict


def examine_exposure(
    inspected: Mapping[str, TabInspection],
    bot_titles: Mapping[str, str],
    tables: Sequence[UnitTable],
    config: Config,
    account: str | None,
) -> Iterator[Finding]:
    """A table of who can change what, what is open that should not be, and what cannot be known from here.

    `inspected`: by key, of the units' own spreadsheets, too; `bot_titles`: key of each of the bot's own tabs -> what it
    is; `account`: ours at Google, None for a file.
    """
    keepers = _each_once((account or "", *config.settings.admins))
    ours = [_Meant(tab, keepers) for key, tab in inspected.items() if key in bot_titles]
    if account is None:
        yield from _of_file(ours)
        return
    units = list(_unit_tabs(inspected, tables, config, keepers))
    yield from _table(ours, units)
    yield from _open([each for each in ours if each.is_open], "open_tabs")
    yield from _open([each for each in units if each.is_open and each.people], "open_units")
    nobodys = [each.called for each in units if each.is_open and not each.people]
    if nobodys:
        yield note(_CHECK, "nobodys", tabs=named(nobodys))
    if besides := _besides((*ours, *units)):
        yield note(_CHECK, "besides", people=named(besides))
    yield note(_CHECK, "unseen")


def _unit_tabs(
    inspected: Mapping[str, TabInspection], tables: Sequence[UnitTable], config: Config, keepers: frozenset[str]
) -> Iterator[_Meant]:
    """A unit without addresses is nobody's."""
    for table in tables:
        if table.tab.key in inspected:
            people = _people_of(config.units_by_code[table.unit])
            yield _Meant(inspected[table.tab.key], people | keepers if people else frozenset())


def _people_of(unit: Unit) -> frozenset[str]:
    return _each_once(address for role in ROLES for address in addresses_of(unit, role))


def _each_once(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(each.casefold() for each in addresses if each)


def _table(ours: Sequence[_Meant], units: Sequence[_Meant]) -> Iterator[Finding]:
    """A line a group of tabs with the same people; those of units counted."""
    by_people: dict[str, list[str]] = {}
    for each in ours:
        by_people.setdefault(_who(each), []).append(each.tab.title)
    for who, titles in by_people.items():
        yield ok(_CHECK, "tabs", who=who, tabs=", ".join(titles))
    closed = [each for each in units if not each.is_open]
    if closed:
        yield ok(_CHECK, "units", count=len(closed))


def _who(meant: _Meant) -> str:
    if meant.is_open:
        return text(f"doctor.{_CHECK}.everybody")
    editors = meant.tab.closure.editors if meant.tab.closure else None
    return text(f"doctor.{_CHECK}.hidden") if editors is None else ", ".join(editors)


def _besides(meant: Iterable[_Meant]) -> list[str]:
    """Who may change tabs and is not meant to, each with their tabs: those with the fewest first, since the owner of
    the spreadsheet may change all.
    """
    tabs_of: dict[str, list[str]] = {}
    for each in meant:
        for person in each.besides:
            tabs_of.setdefault(person, []).append(each.called)
    fewest_first = sorted(tabs_of.items(), key=lambda found: len(found[1]))
    return [f"{person} ({named(titles)})" for person, titles in fewest_first]


def _open(meant: Sequence[_Meant], situation: str) -> Iterator[Finding]:
    if meant:
        yield trouble(_CHECK, situation, tabs=named([each.called for each in meant]))


def _of_file(ours: Iterable[_Meant]) -> Iterator[Finding]:
    """A file knows no people: its locks keep from mistakes, and who can open it can read it all."""
    unlocked = [each.called for each in ours if each.tab.closure is None and each.tab.title in tabs.CONFIG_TABS]
    if unlocked:
        yield note(_CHECK, "unlocked", tabs=named(unlocked))
    yield ok(_CHECK, "file")
