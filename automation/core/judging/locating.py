"""Which tab belongs to which unit, and whether it can be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.computed import COMPUTED
from automation.core.config.values import Config, FieldType
from automation.core.config.whose_tabs import (
    bot_tabs,
    impostors,
    is_copy,
    is_nearly_titled,
    is_reserved,
    tabs_in_the_way,
    titled_tab,
    unit_tag,
)
from automation.core.judging.lists.own_words import columns_in_doubt
from automation.core.judging.lists.unit_table import UnitTable, merged_down, people_above
from automation.core.judging.lists.unreadable import (
    UnreadableTab,
    has_list,
    list_without_unit,
    missing_headers,
    of_unit,
    readable_table,
)
from automation.core.model.mistakes import Mistake, Net
from automation.core.model.problems import Problem
from automation.core.model.units import Unit
from automation.core.model.workbook import Row, Snapshot, Tab, cell_name
from automation.core.reading.cells import as_text, clean, fold
from automation.core.reading.shown import shown

NONE_LEFT_OUT: Mapping[str, Mistake] = MappingProxyType({})
NONE_KNOWN: Mapping[str, UnitTable] = MappingProxyType({})


class Located(Struct, frozen=True):
    """Every unit is in `tables` or in `unreadable`; `notices` are remarks about tabs that were read or left out."""

    tables: tuple[UnitTable, ...]
    unreadable: tuple[UnreadableTab, ...]
    notices: tuple[Problem, ...]
    mistakes: tuple[Mistake, ...] = ()
    """What nobody foresaw while tabs were read, of those in `unreadable` too."""
    emptied: tuple[str, ...] = ()
    """Keys of the tabs whose list was removed on purpose."""


def locate(
    snapshot: Snapshot,
    config: Config,
    left_out: Mapping[str, Mistake] = NONE_LEFT_OUT,
    known: Mapping[str, UnitTable] = NONE_KNOWN,
    begun_anew: Collection[str] = (),
) -> Located:
    """Find each unit's tab by its title, else by the line that the bot once wrote into it, and its headers.

    `left_out`: by code, the units of which nothing may be looked at but the title of their tab. `known`: by code, the
    tables as they were read last, by the same configuration: whose tab is as it was comes out as the same object.
    `begun_anew`: the units whose lists are empty ones where they were removed.
    """
    claimed = {fold(unit.tab_title) for unit in config.units}
    free = [tab for tab in snapshot.tabs if _is_free(tab, claimed)]
    tables: list[UnitTable] = []
    unreadable: list[UnreadableTab] = []
    notices: list[Problem] = []
    used: set[str] = set()
    mistakes: list[Mistake] = []
    emptied: list[str] = []
    for unit in config.units:
        if unit.code in left_out:
            unreadable.append(UnreadableTab(unit, left_out[unit.code].problem))
            used |= {tab.key for tab in _tabs_called(unit, snapshot)}
            continue
        if is_reserved(unit.tab_title):
            unreadable.append(UnreadableTab(unit, of_unit("reserved_title", unit, title=shown(unit.tab_title))))
            continue
        if unit.workbook:
            tab = own_tab(unit, snapshot, config)
        else:
            tab = titled_tab(snapshot, unit) or _renamed_tab(unit, free)
            if tab is not None and fold(tab.title) != fold(unit.tab_title):
                called = _as_called(unit, tab)
                notices.append(of_unit("renamed", called, title=shown(unit.tab_title), found=shown(tab.title)))
            elif tab is not None and tab.tag != unit_tag(unit) and is_nearly_titled(tab.title, unit.tab_title):
                notices.append(_nearly_titled(unit, tab))
        if tab is None:
            tab = of_unit("no_tab", unit, title=shown(unit.tab_title))
        if isinstance(tab, Problem):
            unreadable.append(UnreadableTab(unit, tab))
            continue
        used.add(tab.key)
        if tab.mistake is not None:
            mistakes.append(Mistake(tab.mistake, unit.name))
            unreadable.append(UnreadableTab(unit, mistakes[-1].problem))
            continue
        before = known.get(unit.code)
        called = _as_called(unit, tab)
        anew = unit.code in begun_anew
        found = before if before and before.is_of(tab) else readable_table(called, tab, config, is_begun_anew=anew)
        if isinstance(found, UnreadableTab):
            unreadable.append(replace(found, unit=unit))
            emptied += [tab.key] if found.emptied else []
        else:
            tables.append(found)
            notices.extend(_remarks(called, found, config))
    look_alikes = list(impostors(snapshot, config.units, used))
    in_the_way = {tab.key: _in_the_way(tab) for tab in tabs_in_the_way(snapshot)}
    notices.extend(in_the_way.get(tab.key) or _look_alike(tab, title) for tab, title in look_alikes)
    others = used | {tab.key for tab in bot_tabs(snapshot).values()} | {tab.key for tab, _ in look_alikes}
    net = Net("not_judged")
    for tab in snapshot.tabs:
        if tab.key not in others and not is_copy(tab):
            notices.extend(net.collect(partial(_strays, [tab], config)))
    notices.extend(mistake.problem for mistake in net.mistakes)
    return Located(tuple(tables), tuple(unreadable), tuple(notices), (*mistakes, *net.mistakes), tuple(emptied))


def _as_called(unit: Unit, tab: Tab) -> Unit:
    """The unit as sentences about its tab name it: somebody may have renamed that."""
    return unit if tab.title == unit.tab_title else replace(unit, tab_title=tab.title)


def _tabs_called(unit: Unit, snapshot: Snapshot) -> Sequence[Tab]:
    """The tabs that are the unit's by their titles."""
    return [tab for tab in snapshot.tabs if fold(tab.title) == fold(unit.tab_title)]


def lacks_unit_tabs(snapshot: Snapshot, config: Config) -> bool:
    """Whether the tab of a unit is missing that should stand in the shared spreadsheet."""
    return any(titled_tab(snapshot, unit) is None for unit in config.units if not unit.workbook)


def _nearly_titled(unit: Unit, tab: Tab) -> Problem:
    """Read all the same: the admin should know which tab counts."""
    told = of_unit("nearly_titled", unit, title=shown(unit.tab_title), found=shown(tab.title))
    return replace(told, needs_person=False, told_once=True)


def _look_alike(tab: Tab, title: str) -> Problem:
    """A tab that passes for another one: nothing in it is read."""
    return Problem(
        where=text("units.where_tab", tab=shown(tab.title)),
        what=text("units.look_alike.what", title=shown(title)),
        fix=text("units.look_alike.fix", title=shown(title)),
    )


def titles_taken(snapshot: Snapshot) -> tuple[Problem, ...]:
    """The tabs of people's whose titles the bot needs for its own: until they are renamed it draws nothing."""
    return tuple(map(_in_the_way, tabs_in_the_way(snapshot)))


def _in_the_way(tab: Tab) -> Problem:
    return Problem(
        where=text("units.where_tab", tab=shown(tab.title)),
        what=text("units.title_taken.what"),
        fix=text("units.title_taken.fix"),
    )


def own_tab(unit: Unit, snapshot: Snapshot, config: Config) -> Tab | Problem | None:
    """The unit's tab in its own spreadsheet: under its title, or the only one with a list of people."""
    own = snapshot.own.get(unit.workbook)
    if own is None or own.trouble:
        why = own.trouble if own else text("units.own_workbook.not_read")
        return of_unit("own_workbook", unit, why=why)
    titled = titled_tab(Snapshot(own.tabs), unit)
    with_people = [tab for tab in own.tabs if has_list(tab, config)]
    return titled or _renamed_tab(unit, own.tabs) or (with_people[0] if len(with_people) == 1 else None)


_MARKS = ("mark", "mark_new", "mark_unread")
"""What each kind of line 1 has, as keys."""
GUIDE_LINK, DASHBOARD_LINK = "look.link_guide", "look.link_dashboard"
"""What stands beside it, as keys."""


def is_unit_line(typed: str) -> bool:
    """Whether a text is line 1 of a unit's tab as the bot writes it, so that it may be written again."""
    line = clean(typed)
    return any(clean(text(f"sheet.unit_line_{mark}")) in line for mark in _MARKS)


def unit_lines(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Where such lines stand among the rows, as row and column."""
    cells = ((place, column, cell) for place, row in enumerate(rows, 1) for column, cell in enumerate(row, 1))
    return [(row, column) for row, column, cell in cells if is_unit_line(as_text(cell))]


def unit_line_links() -> list[str]:
    """What the bot writes beside such a line: where a click leads."""
    return [text(key) for key in (GUIDE_LINK, DASHBOARD_LINK)]


def _renamed_tab(unit: Unit, free: Sequence[Tab]) -> Tab | None:
    """The one tab that carries the unit's own line; with several (somebody made a copy) none can be trusted."""
    start = fold(text("sheet.unit_line_start", unit=unit.name))
    lines = ((tab, as_text(tab.cell(1, column))) for tab in free for _, column in unit_lines(tab.rows[:1]))
    own = list({tab.key: tab for tab, line in lines if fold(line).startswith(start)}.values())
    return own[0] if len(own) == 1 else None


def _remarks(unit: Unit, table: UnitTable, config: Config) -> Iterable[Problem]:
    if table.tab.left_out:
        yield replace(of_unit("left_out", unit, cell=table.tab.left_out), needs_person=False)
    columns = table.table.columns
    wanted = [field for field in config.inputs if field.type is not FieldType.ORDINAL]
    missing = [field.header for field in wanted if field.code not in columns]
    if missing:
        yield missing_headers("optional_header", unit, table, missing, config)
    if table.beside:
        cell, lines = table.beside
        yield of_unit("second_list", unit, cell=cell, lines=lines)
    in_doubt = columns_in_doubt(table, config)
    for code, places in in_doubt.items():
        cells = ", ".join(cell_name(table.table.header_row, column) for column in places)
        yield of_unit("own_words", unit, header=config.field(code).header, cells=cells)
    for code in () if table.beside else dict.fromkeys(code for code, _ in table.table.repeated if code not in in_doubt):
        headed, known = table.table.headed(code), (table.tab.anchors or {}).get(code, 0)
        read = known if known in headed else headed[0]
        for column in headed:
            if column != read:
                first, again = (cell_name(table.table.header_row, place) for place in (read, column))
                yield of_unit("repeated_header", unit, header=config.field(code).header, first=first, again=again)
    ours = {columns[code] for code in COMPUTED if code in columns}
    for row, column in table.declared_at.values():
        if column in ours:
            yield of_unit("declared_among_results", unit, cell=cell_name(row, column))
    above = people_above(table, config)
    if above:
        rows = ", ".join(map(str, above))
        yield of_unit("people_above", unit, rows=rows, first=table.table.top)
    if table.swapped:
        headers = ", ".join(table.swapped)
        yield replace(of_unit("swapped_dates", unit, headers=headers), needs_person=False, told_once=True)
    areas = list(merged_down(table))
    if areas:
        cells = ", ".join(
            f"{cell_name(each.top, each.left)}:{cell_name(each.bottom, each.right)}" for each in areas[:5]
        )
        yield replace(of_unit("merged_down", unit, cells=cells), needs_person=False, told_once=True)
    for row, column, label in table.misread:
        yield of_unit("misread_declaration", unit, label=label, cell=cell_name(row, column))


def _is_free(tab: Tab, claimed: Collection[str]) -> bool:
    """Whether the tab could be somebody's whom its title does not name."""
    return not (fold(tab.title) in claimed or is_reserved(tab.title) or is_copy(tab))


def _strays(free: Sequence[Tab], config: Config) -> Iterable[Problem]:
    """Tabs of people that no unit of the registry claims, such as copies."""
    return filter(None, (list_without_unit(tab, config) for tab in free))
