"""Wanted cells minus present cells: what the bot would write. Only computed cells are ever wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from automation.base.messages import text
from automation.core.admin.changes import ConfigChange
from automation.core.admin.marks import mark_changes
from automation.core.admin.state_lines import ConfigState, is_explanation, state_changes
from automation.core.config import registry, tabs
from automation.core.config.computed import COMPUTED, HIDDEN
from automation.core.config.identity import UNIT_LINE
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tab, bot_tabs
from automation.core.figures.history import History, read_history
from automation.core.judging.judged import Judged
from automation.core.judging.lists.own_words import columns_in_doubt
from automation.core.judging.lists.unit_table import UnitTable, people_above
from automation.core.judging.lists.unreadable import UnreadableTab
from automation.core.judging.locating import is_unit_line, unit_line_links, unit_lines
from automation.core.mail.send_calendar import ComingMail
from automation.core.mail.sent_tab import SentTab, read_sent
from automation.core.model.mail import MailRecord
from automation.core.model.mistakes import Mistake, Net
from automation.core.model.problems import Problem
from automation.core.model.units import Standing
from automation.core.model.workbook import Anchor, Cell, CellChange, Row, Snapshot, Tab, is_of_line
from automation.core.reading.cells import as_text, fold, is_blank
from automation.core.reading.columns import cell_of
from automation.core.reading.comparing import same
from automation.core.reading.tables import FoundTable, find_table
from automation.core.text.moments import MOMENT, to_the_minute
from automation.core.text.vietnamese import day_text, left_text, number_text, rate_text
from automation.core.writing.dashboard import dashboard_rows, figures_as_of, fraction, outlook_places, read_shown_at
from automation.core.writing.dashboard_lines import BAR_LENGTH, OPEN_COLUMN, SIGN_OF_LIFE, SIGN_OF_LIFE_CELL
from automation.core.writing.dashboard_links import AddressOf, room_for_links, with_targets
from automation.core.writing.journal import config_lines, problem_lines, read_journal, trial_lines, update_lines
from automation.core.writing.moments import sheet_moment
from automation.core.writing.own_columns import left_behind_cells, own_columns, put_back, strayed_cells, typed_over
from automation.core.writing.results import Results
from automation.core.writing.sent_mails import sent_mail_changes

Step: TypeAlias = CellChange | Anchor
"""What is to be done to the workbook."""


class Changes(Struct, frozen=True):
    """Everything to write, and how many rows of persons are among it."""

    cells: tuple[CellChange, ...]
    people: int
    anchors: tuple[Anchor, ...] = ()
    """What has to be made known by its identity first. What is to be written there is not among `cells` yet; those of
    the same tab come before.
    """
    mistakes: tuple[Mistake, ...] = ()
    """What nobody foresaw: what it concerns stays as it is."""
    given_up: tuple[CellChange, ...] = ()
    """What is not tried any more: cells that did not show what was written into them."""


def cell_changes(
    snapshot: Snapshot,
    judged: Judged,
    reminded_at: Mapping[str, datetime],
    config_changes: Sequence[ConfigChange] = (),
    coming: Sequence[ComingMail] = (),
    state: ConfigState | None = None,
    mails: Sequence[MailRecord] = (),
    sent: SentTab | None = None,
    *,
    units_shown: Collection[str] = (),
    dashboard_shown: bool = False,
    given_up: Collection[CellChange] = (),
    came_back: Collection[Anchor] = (),
    address_of: AddressOf = lambda _tab, _cells: "",
    history: History | None = None,
) -> Changes:
    """What has to change so that the workbook shows `judged`.

    `reminded_at`: unit code -> when it was last sent a mail. `config_changes`: what the journal is to note of them.
    `coming`: the mails still to come. `state`: what the config tabs say of themselves. `mails`: every one so far;
    `sent`: the tab that tells of them.
    `units_shown`: the units whose tabs are known to show it; `dashboard_shown`: whether tab `Tổng hợp` is, but for what
    changes with time. `given_up`: what is not to be tried again. `came_back`: the columns that were inserted anew in
    this cycle. `address_of`: what opens a tab in a browser. `history`: what the mails forecast from; None: it
    is read here, and knows of no times within a day.
    A cell that already holds the wanted value is not written; neither is any cell that a person fills in.
    """
    ours, net = bot_tabs(snapshot), Net("not_written")
    people, others = _unit_changes(judged, net, given_up, units_shown)
    others += net.collect(lambda: _registry_changes(ours.get(tabs.REGISTRY), judged, reminded_at))
    past = _read_history(ours.get(tabs.HISTORY), judged) if history is None else history
    others += net.collect(lambda: _history_changes(ours.get(tabs.HISTORY), judged, past))
    others += net.collect(lambda: sent_mail_changes(sent, judged, mails) if sent else ())
    hidden = {(table.tab.key, table.table.columns.get(code)) for table in judged.tables for code in HIDDEN}
    left = tuple(step for step in people if isinstance(step, CellChange) and step in given_up) if given_up else ()
    people = [step for step in people if step not in left] if left else people
    of_people = [step for step in people if isinstance(step, CellChange)]
    headers = {(table.tab.key, table.table.header_row) for table in judged.tables}
    changed_rows = {(each.tab, each.row) for each in of_people if (each.tab, each.column) not in hidden} - headers
    harmed = _harmed(of_people, came_back, judged, net)
    dashboard = ours.get(tabs.DASHBOARD)
    quiet = not (people or others)
    of_dashboard = partial(_dashboard_lines, judged, coming, past, address_of)
    others += net.collect(lambda: _dashboard_changes(dashboard, of_dashboard, judged, quiet, dashboard_shown))
    problems = (*judged.problems, *(mistake.problem for mistake in net.mistakes))
    others += mark_changes(snapshot, problems)
    if state:
        others += net.collect(partial(state_changes, snapshot, problems, state))
    journal, now = read_journal(ours.get(tabs.JOURNAL)), sheet_moment(judged.now, judged)
    updated = update_lines(judged, len(changed_rows), len({tab for tab, _ in changed_rows}))
    told = (*problems, *harmed)
    lines = (*updated, *config_lines(config_changes), *problem_lines(told), *trial_lines(judged))
    others += journal.changes(lines, now)
    return _changes((*people, *others), len(changed_rows), net, left)


def _harmed(changes: Iterable[CellChange], came_back: Collection[Anchor], judged: Judged, net: Net) -> list[Problem]:
    """What somebody did to the computed columns that are being put right."""
    of_tab: dict[str, list[CellChange]] = defaultdict(list)
    for change in changes:
        of_tab[change.tab].append(change)
    names = judged.names
    told: list[Problem] = []
    for table in judged.tables:
        if table.tab.key in of_tab:
            told += net.collect(partial(typed_over, of_tab[table.tab.key], table), names[table.unit])
            told += net.collect(partial(put_back, table, judged.config, came_back), names[table.unit])
    return told


def _changes(steps: Sequence[Step], people: int, net: Net, given_up: tuple[CellChange, ...] = ()) -> Changes:
    cells = tuple(step for step in steps if isinstance(step, CellChange))
    # Our line may stand in a column of ours, which is to be made known once.
    anchors = tuple(dict.fromkeys(step for step in steps if isinstance(step, Anchor)))
    return Changes(cells, people, anchors, tuple(net.mistakes), given_up)


def refusal_changes(snapshot: Snapshot, problems: Sequence[Problem], now: datetime) -> Changes:
    """What tells the admin of a configuration that was refused while no other can be in force. `now`: as clocks
    there show it.
    """
    journal = bot_tab(snapshot, tabs.JOURNAL)
    lines = read_journal(journal).changes(problem_lines(problems), to_the_minute(now))
    states = state_changes(snapshot, problems, ConfigState(fresh=False))
    return _changes((*mark_changes(snapshot, problems), *states, *lines), 0, Net("not_written"))


# --- units ------------------------------------------------------------------------------------------------


def _unit_changes(
    judged: Judged, net: Net, given_up: Collection[CellChange] = (), shown: Collection[str] = ()
) -> tuple[list[Step], list[Step]]:
    """What changes beside people, and above them; nothing of a unit for which nobody foresaw what comes of it."""
    standings = {standing.code: standing for standing in judged.standings}
    beside: list[Step] = []
    above: list[Step] = []
    tables = [table for table in judged.tables if table.unit not in shown]
    people = judged.people[judged.people["unit"].isin([table.unit for table in tables])] if shown else judged.people
    results = Results(people, judged.is_overdue, judged.config, given_up)
    for table in tables:
        standing = standings[table.unit]
        beside += net.collect(partial(_people_changes, table, results, judged.config), standing.name)
        above += net.collect(partial(_unit_line_changes, table, standing, judged), standing.name)
    for each in judged.unreadable:
        if each.tab:
            above += net.collect(partial(_unread_line_changes, each.tab, each), each.unit.name)
    return beside, above


def _people_changes(table: UnitTable, results: Results, config: Config) -> Iterator[Step]:
    own = own_columns(table, config)
    if own.left_behind:
        yield from left_behind_cells(table, own.left_behind, results.of(table, own.left_behind))
    yield from own.anchors
    if own.columns:
        yield from own.headers
        yield from strayed_cells(table, own.columns, config)
        yield from _tab_changes(table, own.columns, results.of(table, own.columns))


def _tab_changes(
    table: UnitTable, columns: Mapping[str, int], wanted: Mapping[str, Sequence[Cell]]
) -> Iterator[CellChange]:
    nothing: Sequence[Cell] = [None] * table.length
    first = table.table.header_row + 1
    pairs = ((code, column, table.below(column), wanted.get(code, nothing)) for code, column in columns.items())
    changes = [
        CellChange(table.tab.key, row, column, value, code)
        for code, column, there, here in pairs
        if list(there) != list(here)  # nearly all are equal, and asking that of all at once costs least
        for row, (present, value) in enumerate(zip(there, here, strict=True), start=first)
        if present != value and not same(present, value)
    ]
    return iter(sorted(changes, key=lambda change: change.row))


def rows_to_write(judged: Judged) -> set[tuple[str, int]]:
    """The rows of persons, as key of the tab and number, that do not show what was judged."""
    headers = {table.tab.key: table.table.header_row for table in judged.tables}
    steps, _ = _unit_changes(judged, Net("not_written"))
    return {(c.tab, c.row) for c in steps if isinstance(c, CellChange) and c.row > headers[c.tab]}


def cleared_results(judged: Judged, keys: Collection[str]) -> tuple[CellChange, ...]:
    """What empties every result in the tabs of units among `keys`, as they stood when they were judged."""
    return tuple(
        change
        for table in judged.tables
        if table.tab.key in keys
        for change in _tab_changes(table, own_columns(table, judged.config).columns, {})
    )


def _unit_line_changes(table: UnitTable, standing: Standing, judged: Judged) -> Iterator[Step]:
    """Our line above the headers, wherever rows and columns before it have moved it, else the first cell if that is
    free: a title that a person wrote stays.
    """
    ours = [(row, column) for row, column, cell in table.above if is_unit_line(as_text(cell))]
    is_free = table.table.top > 1 and is_blank(table.tab.cell(1, 1))
    if not ours and not is_free:
        return
    shown = set(COMPUTED) - HIDDEN - columns_in_doubt(table, judged.config).keys()
    codes = {column: code for code, column in table.table.columns.items() if code in shown}
    row, column = _place_of_line(table, (ours or [(1, 1)])[0], codes)
    wanted = unit_line(standing, judged, "".join(_asked(table, judged.config)), table.table.header_row + 1)
    yield from _line_step(table.tab, codes.get(column, UNIT_LINE), (row, column), wanted)
    for other, place in ours:  # left there by a write under which rows or columns had moved, or for another place
        code = codes.get(place, UNIT_LINE)
        is_near = (other == row) != (place == column)
        if is_near and table.tab.is_anchored(code, other if is_of_line(code) else place):
            yield CellChange(table.tab.key, other, place, None, code)


def _place_of_line(table: UnitTable, now: tuple[int, int], ours: Collection[int]) -> tuple[int, int]:
    """Where the line goes that stands, or may stand, at `now`. A write that finds a line finds its first column, which
    may be another by then: where people have put something beside ours, it goes above a column of ours; but not in a
    line of what they declared, where it would stand for an answer.
    """
    row, column = now
    if column in ours:
        return now
    labels = unit_line_links()
    beside = {place for line, place, cell in table.above if line == row and not is_blank(cell) and cell not in labels}
    theirs = {place for place in beside if not is_unit_line(as_text(table.tab.cell(row, place)))}
    if not theirs or any(line == row for line, _ in table.declared_at.values()):
        return now
    covered = {
        place
        for area in table.tab.merged
        if area.top <= row <= area.bottom
        for place in range(area.left, area.right + 1)
    }
    return next(((row, place) for place in sorted(ours) if place not in theirs | covered), now)


def _unread_line_changes(tab: Tab, unread: UnreadableTab) -> Iterator[Step]:
    """Our line of a tab that cannot be read says so, where the line is ours or nobody's. Nothing in it changes until
    the tab does.
    """
    ours = unit_lines(tab.rows[: unread.top - 1] if unread.top else tab.rows[:1])
    is_free = unread.top != 1 and not any(not is_blank(cell) for row in tab.rows[:1] for cell in row)
    if not ours and not is_free:
        return
    row, column = (ours or [(1, 1)])[0]
    code = next((code for code in COMPUTED if (tab.anchors or {}).get(code) == column), UNIT_LINE)
    wanted = text("sheet.unit_line_unread", unit=unread.unit.name, what=unread.problem.what, fix=unread.problem.fix)
    yield from _line_step(tab, code, (row, column), wanted)


def _line_step(tab: Tab, code: str, place: tuple[int, int], wanted: str) -> Iterator[Step]:
    """What puts our line above the headers there: first it, or its column, has to be known by its identity."""
    row, column = place
    known = row if is_of_line(code) else column
    if not tab.is_anchored(code, known):
        yield Anchor(tab.key, code, known)
    elif not same(tab.cell(row, column), wanted):
        yield CellChange(tab.key, row, column, wanted, code)


def _asked(table: UnitTable, config: Config) -> Iterator[str]:
    """What line 1 says besides the figures, where not everything in the tab could be taken as it stands."""
    if above := people_above(table, config):
        yield text("sheet.unit_line_above", rows=", ".join(map(str, above)))
    if table.beside:
        cell, lines = table.beside
        yield text("sheet.unit_line_beside", cell=cell, lines=number_text(lines))
    if table.swapped:
        yield text("sheet.unit_line_swapped", headers=", ".join(table.swapped))


def unit_line(standing: Standing, judged: Judged, asked: str = "", first_row: int = 0) -> str:
    """The unit's own line: who it is, where it stands, when that last changed; what is `asked` about the tab; and where
    nobody is entered yet, that the first one goes into `first_row`.
    """
    greets = bool(first_row and not standing.rows and not asked)
    changed = sheet_moment(standing.changed_at, judged) if standing.changed_at else None
    figures = {"row": first_row} if greets else {"left": left_text(standing), "asked": asked}
    return text(
        "sheet.unit_line_empty" if greets else "sheet.unit_line",
        unit=standing.name,
        bar=_bar(standing.rate),
        rate=rate_text(standing.rate),
        done=number_text(standing.done),
        counted=number_text(standing.counted),
        overdue=text("sheet.unit_line_overdue", day=day_text(judged.config.settings.deadline))
        if judged.is_overdue and standing.left
        else "",
        errors=number_text(standing.errors),
        **figures,
        moment=changed.strftime(MOMENT) if changed else "–",
    )


def _bar(rate: float | None) -> str:
    """The rate as a bar on its track, in front of the figure: full for everybody alone, and never quite empty where
    anybody is done.
    """
    if rate is None:
        return ""
    blocks = max(int(rate * BAR_LENGTH / 100), rate > 0)
    return text("sheet.bar_full") * blocks + text("sheet.bar_track") * (BAR_LENGTH - blocks) + " "


# --- registry, history ------------------------------------------------------------------------------------


def outcome_changes(
    snapshot: Snapshot, judged: Judged, mails: Sequence[MailRecord], reminded_at: Mapping[str, datetime]
) -> list[CellChange]:
    """What has to change once mails were handed over, and nothing else."""
    registry_tab = bot_tab(snapshot, tabs.REGISTRY)
    changes = _registry_changes(registry_tab, judged, reminded_at)
    sent = read_sent(bot_tab(snapshot, tabs.MAILS))
    return [*sent_mail_changes(sent, judged, mails), *(each for each in changes if isinstance(each, CellChange))]


def _registry_changes(tab: Tab | None, judged: Judged, reminded_at: Mapping[str, datetime]) -> list[Step]:
    headers = (*tabs.HEADERS[tabs.REGISTRY], *tabs.REGISTRY_COMPUTED)
    table = find_table(tab.rows, {fold(header): header for header in headers}, at_least=2) if tab else None
    if tab is None or table is None:
        return []
    standings = {fold(standing.code): standing for standing in judged.standings}
    figures = {
        code: _registry_values(standing, reminded_at.get(standing.code), judged) for code, standing in standings.items()
    }
    table = table.by_identity(tab.anchors or {})
    wanted = [figures.get(fold(as_text(table.cell(row, registry.CODE.header))), {}) for row in _below(tab, table)]
    ours = {
        header: [each for each in table.headed(header) if not _is_of_an_admin(tab, table, header, each, wanted)]
        for header in tabs.REGISTRY_COMPUTED
    }
    columns = {header: places[0] for header, places in ours.items() if places}
    anchors = [Anchor(tab.key, header, column) for header, column in columns.items()]
    unknown = [each for each in anchors if not tab.is_anchored(each.code, each.place)] + _gone(tab, table, columns)
    if unknown:
        return list(unknown)
    lost = _lost_headers(tab, table.header_row, columns, figures.values())
    columns |= lost
    changes: list[Step] = [CellChange(tab.key, table.header_row, column, each, each) for each, column in lost.items()]
    changes += _strayed_figures(tab, table, columns)
    for number, values in enumerate(wanted, start=table.header_row + 1):
        for header, column in columns.items():
            if not same(tab.cell(number, column), values.get(header)):
                changes.append(CellChange(tab.key, number, column, values.get(header), header))
    return changes


def _below(tab: Tab, table: FoundTable) -> Sequence[Row]:
    return tab.rows[table.header_row :]


def _is_of_an_admin(
    tab: Tab, table: FoundTable, header: str, column: int, wanted: Sequence[Mapping[str, Cell]]
) -> bool:
    """Whether somebody deleted our column, and one of the same header is their own: what stands there are not our
    figures, though all columns of ours were known by their identity.
    """
    anchors = tab.anchors or {}
    if anchors.get(header) == column or not any(each in anchors for each in tabs.REGISTRY_COMPUTED):
        return False
    cells = (cell_of(row, column) for row in _below(tab, table))
    filled = [(cell, each.get(header)) for cell, each in zip(cells, wanted, strict=True) if not is_blank(cell)]
    return 2 * sum(same(one, other) for one, other in filled) < len(filled)


def _gone(tab: Tab, table: FoundTable, present: Collection[str]) -> list[Anchor]:
    """What brings back the columns of figures that somebody deleted, at the right. In a file `init` does."""
    if tab.anchors is None:
        return []
    gone = [header for header in tabs.REGISTRY_COMPUTED if header not in present and header not in tab.anchors]
    first = max(map(len, tab.rows)) + 1
    return [
        Anchor(tab.key, header, place, header=header, header_row=table.header_row)
        for place, header in enumerate(gone, start=first)
    ]


def _lost_headers(
    tab: Tab, header_row: int, columns: Mapping[str, int], figures: Collection[Mapping[str, Cell]]
) -> dict[str, int]:
    """The columns, by header, of those that a write of ours met because rows had moved: one of the `figures` stands in
    their place, or nothing. Under a header that somebody typed the column is theirs.
    """
    anchors = tab.anchors or {}
    lost = {header: column for header, column in anchors.items() if header in tabs.REGISTRY_COMPUTED}
    lost = {header: column for header, column in lost.items() if header not in columns}
    there = {header: tab.cell(header_row, column) for header, column in lost.items()}
    return {
        header: column
        for header, column in lost.items()
        if not isinstance(there[header] or 0, str) or any(there[header] == each.get(header) for each in figures)
    }


def _strayed_figures(tab: Tab, table: FoundTable, columns: Mapping[str, int]) -> Iterator[CellChange]:
    """What empties the figures that a write of ours left above the headers because rows had moved: in lines that hold
    nothing else but what the tab says of itself.
    """
    for number, row in enumerate(tab.rows[: table.header_row - 1], start=1):
        held = {column: cell for column, cell in enumerate(row, start=1) if not is_blank(cell)}
        figures = {header: held.pop(column) for header, column in columns.items() if column in held}
        are_alone = all(is_explanation(tabs.REGISTRY, cell) for cell in held.values())
        if are_alone and not all(isinstance(figure, str) for figure in figures.values()):
            yield from (CellChange(tab.key, number, columns[header], None, header) for header in figures)


def _registry_values(standing: Standing, reminded_at: datetime | None, judged: Judged) -> dict[str, Cell]:
    return registry.computed_cells(
        registry.UnitFigures(
            standing=standing,
            rate=fraction(standing.rate),
            changed_at=sheet_moment(standing.changed_at, judged) if standing.changed_at else None,
            reminded_at=sheet_moment(reminded_at, judged) if reminded_at else None,
            notes="\n".join(_notes_with_age(standing, judged)) or None,
        )
    )


def _notes_with_age(standing: Standing, judged: Judged) -> Iterable[str]:
    yield from standing.notes
    if standing.as_of is not None:
        yield figures_as_of(standing, standing.as_of, judged)


def _read_history(tab: Tab | None, judged: Judged) -> History:
    return read_history(tab, judged.config.settings.campaign_code).under(judged.renamed)


def _history_changes(tab: Tab | None, judged: Judged, history: History) -> list[CellChange]:
    if tab is None or history.table is None:
        return []
    today, campaign = judged.now.date(), judged.config.settings.campaign_code
    present = history.of_day(today)
    next_row = history.last_row + 1
    changes: list[CellChange] = []
    for standing in judged.standings:
        if not standing.known:
            continue
        line = present.get(standing.code)
        row = line.row if line else next_row
        next_row += line is None
        changes += _history_line(tab, history, row, (today, campaign), standing)
    return changes


def _history_line(
    tab: Tab, history: History, row: int, of: tuple[date, str], standing: Standing
) -> Iterator[CellChange]:
    today, campaign = of
    tally = (standing.counted, standing.done, fraction(standing.rate))
    values: tuple[Cell, ...] = (today, standing.code, standing.name, *tally, standing.out_of_scope, campaign)
    for header, value in zip(tabs.HEADERS[tabs.HISTORY], values, strict=True):
        column = history.table.columns.get(header) if history.table else None
        if column and not same(tab.cell(row, column), value):
            yield CellChange(tab.key, row, column, value)


# --- dashboard, journal -----------------------------------------------------------------------------------


def _dashboard_lines(
    judged: Judged, coming: Sequence[ComingMail], history: History, address_of: AddressOf, tab: Tab
) -> list[list[Cell]]:
    rows = dashboard_rows(judged, coming, history)
    return with_targets(rows, judged, address_of, tab) if room_for_links(tab) else rows


def _dashboard_changes(
    tab: Tab | None, lines: Callable[[Tab], list[list[Cell]]], judged: Judged, quiet: bool, known: bool
) -> list[CellChange]:
    """The bot's own tab: whatever else stands there goes. A quiet cycle leaves its sign of life, and what time alone
    has changed: for an hour where people look at it while it is written, in a file for as long as nothing else is
    to be written into that. `lines`: what it is to hold. `known`: nothing else can have changed.
    """
    if tab is None:
        return []
    waits = quiet and _still_says_when(tab, sheet_moment(judged.now, judged))
    if waits and known:
        return []
    rows = lines(tab)
    kept = OPEN_COLUMN if room_for_links(tab) else None
    changes = [change for change in _matrix_changes(tab, rows) if change.column != kept]
    passing = outlook_places(rows)
    only_time = all((change.row, change.column) in passing for change in changes)
    return [] if waits and only_time else changes


def _still_says_when(tab: Tab, now: datetime) -> bool:
    shown = read_shown_at(tab.cell(*SIGN_OF_LIFE_CELL))
    return shown is not None and shown <= now and (tab.anchors is None or now - shown < SIGN_OF_LIFE)


def _matrix_changes(tab: Tab, wanted: Sequence[Sequence[Cell]]) -> Iterator[CellChange]:
    for row in range(1, max(len(wanted), len(tab.rows)) + 1):
        values = wanted[row - 1] if row <= len(wanted) else ()
        present = tab.rows[row - 1] if row <= len(tab.rows) else ()
        for column in range(1, max(len(values), len(present)) + 1):
            value = values[column - 1] if column <= len(values) else None
            if not same(tab.cell(row, column), value):
                yield CellChange(tab.key, row, column, value)
