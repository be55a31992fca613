"""Tab `Hướng dẫn`: a text file with a few marks becomes rows of cells.

The marks, one a line: `# title`, `## section`, `term | explanation`, plain text, and `{columns}`, `{statuses}`,
`{cases}`, `{declaration}`, `{documents}`, `{mistakes}`, `{units}` for a line each. `{deadline}` is the deadline, with
the last working day before it where it is a day off; `[Mục]` is a setting; a line with one that is blank is left out.
`?code` before a line wants the field of that code in use, `?one|other` one of several, `?!code` that it is not; before
a section it stands for the whole of it. `---`: what follows is looked up and not printed. Sections are numbered as
they come; one of which nothing is left does not come.
`?[Mục=value]` wants a setting to have that value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import TypeAlias

from msgspec.structs import replace

from automation.base.messages import text
from automation.core.admin.draft import Value
from automation.core.admin.lines import SETTING
from automation.core.config import tabs
from automation.core.config.next_steps import NextStep
from automation.core.config.values import Config, FieldType, Settings, are_same, list_spellings
from automation.core.config.whose_tabs import bot_tag
from automation.core.config.working_days import last_working_day
from automation.core.judging.checks import needed_fields
from automation.core.judging.occurring import occurring_statuses, remembering_occurring_statuses
from automation.core.layout.config import BOT_COLOUR
from automation.core.layout.guide_edits import EXPLANATION, MARK, TERM, GuideLine, with_edits
from automation.core.model.layout import CellLook, Colour, ColumnLook, Format, Link, Role, TabLook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, Tab
from automation.core.reading.cells import as_text, clean, fold
from automation.core.reading.shown import shown
from automation.core.text.vietnamese import day_text

_FIELD_MARK = re.compile(r"\?(!?)([a-z|-]+) +")
_SETTING_MARK = re.compile(r"\?\[([^\[\]=]+)=([^\[\]=]+)\] +")
_WIDTHS = (22, 80)
"""A page that stands shows them in letters of 9 points, in the program with the widest ones."""
_MARK_WIDTH = 12
_HEIGHTS = {Role.TITLE: 26.0, Role.SECTION: 21.0}
_DIVISION = "---"


def read_guide(
    source: str, config: Config, occurring: Callable[[Config], frozenset[str]] = occurring_statuses
) -> tuple[GuideLine, ...]:
    """The lines of the guide with everything filled in from the configuration. `occurring`: finds the statuses that
    somebody may have.
    """
    lines = (line for typed in _wanted(source, config) for line in _expanded(typed, config, occurring))
    return tuple(_numbered(_divided(_with_content([filled for line in lines if (filled := _filled(line, config))]))))


def _divided(lines: Iterable[GuideLine]) -> Iterator[GuideLine]:
    """Without the line that divides them: the one below it begins what is not printed."""
    is_below = False
    for line in lines:
        if line.explanation == _DIVISION:
            is_below = True
        else:
            yield replace(line, begins_reference=True) if is_below else line
            is_below = False


def _with_content(lines: Sequence[GuideLine]) -> Iterator[GuideLine]:
    """Without sections of which nothing is left."""
    for line, below in zip_longest(lines, lines[1:]):
        if line.role is not Role.SECTION or (below and below.term + below.explanation and below.role is Role.TEXT):
            yield line


def _wanted(source: str, config: Config) -> Iterator[str]:
    """The lines without the marks of fields, those left out whose fields are not in use."""
    section_is_wanted = True
    for typed in source.strip().splitlines():
        fields, asked = _FIELD_MARK.findall(typed), _SETTING_MARK.findall(typed)
        line = _FIELD_MARK.sub("", _SETTING_MARK.sub("", typed)).strip()
        is_set = all(_is_set(name, value, config) for name, value in asked)
        in_use = (any(map(config.uses, codes.split("|"))) != bool(unwanted) for unwanted, codes in fields)
        is_wanted = is_set and all(in_use)
        if line.startswith("#"):
            section_is_wanted = is_wanted
        if is_wanted and section_is_wanted:
            yield line


def _is_set(name: str, value: str, config: Config) -> bool:
    """Whether a setting has that value, whatever the list that it is one of calls it by now."""
    held = config.raw_settings.get(name, "")
    listed = (list_spellings(config, each) for each in config.lists)
    return held == value or any(fold(held) in each and are_same(held, value, each) for each in listed)


def _numbered(lines: Iterable[GuideLine]) -> Iterator[GuideLine]:
    number = 0
    for line in lines:
        if line.role is Role.SECTION:
            number += 1
            line = replace(line, term=f"{number}. {line.term}")
        yield line


def _expanded(typed: str, config: Config, occurring: Callable[[Config], frozenset[str]]) -> Iterator[GuideLine]:
    if typed == "{columns}":
        for field in config.inputs:
            if field.type is not FieldType.ORDINAL:
                yield GuideLine(Role.TEXT, field.header, field.help)
    elif typed == "{declaration}":
        for field in config.declared:
            yield GuideLine(Role.TEXT, field.header, field.help)
    elif typed == "{mistakes}":
        for number, mistake in enumerate(config.usual_mistakes, start=1):
            yield GuideLine(Role.TEXT, text("look.guide.mistake", number=number), mistake)
    elif typed == "{documents}":
        for document in config.documents:
            day = text("look.guide.document", day=day_text(document.dated), subject=document.subject)
            yield GuideLine(Role.TEXT, document.number, day)
    elif typed == "{units}":
        for unit in config.units:
            where = text("look.guide.unit_own") if unit.workbook else text("look.guide.unit", tab=unit.tab_title)
            yield GuideLine(Role.TEXT, unit.name, where, unit=unit.code)
    elif typed == "{statuses}":
        codes = occurring(config)
        for status in (each for each in config.statuses if each.code in codes):
            yield GuideLine(Role.TEXT, status.label, _todo(status.todo))
    elif typed == "{cases}":
        codes = occurring(config)
        for status in (each for each in config.statuses if each.code in codes):
            for step in (each for each in status.steps if _can_be_taken(each, config)):
                yield GuideLine(Role.TEXT, status.label, text("look.guide.step_when", when=step.said, step=step.text))
    elif typed.startswith("## "):
        yield GuideLine(Role.SECTION, typed.removeprefix("## "))
    elif typed.startswith("# "):
        yield GuideLine(Role.TITLE, typed.removeprefix("# "))
    else:
        filled = typed.replace("{deadline}", _deadline(config.settings)) if "{deadline}" in typed else typed
        term, bar, explanation = filled.partition("|")
        yield GuideLine(Role.TEXT, term.strip(), explanation.strip()) if bar else GuideLine(Role.TEXT, "", typed)


def _can_be_taken(step: NextStep, config: Config) -> bool:
    """Whether it may be somebody's next step with the fields that are switched on."""
    rules = (rule for rule in config.rules if rule.code == step.rule)
    return step.when.can_hold(config.collected) and all(map(config.uses, chain(*map(needed_fields, rules))))


def _deadline(settings: Settings) -> str:
    day, last = day_text(settings.deadline), last_working_day(settings)
    return day if last is None else text("look.guide.deadline_off", day=day, last=day_text(last))


def _todo(todo: str) -> str:
    if "{" in todo:
        return text("look.guide.correct")
    return todo or text("look.guide.nothing_to_do")


def _filled(line: GuideLine, config: Config) -> GuideLine | None:
    names = SETTING.findall(line.term + line.explanation)
    settings = {name: config.raw_settings.get(clean(name), "") for name in names}
    if not all(settings.values()):
        return None

    def fill(typed: str) -> str:
        return SETTING.sub(lambda found: settings[found[1]].replace(" | ", "; "), typed)

    return replace(line, term=fill(line.term), explanation=fill(line.explanation))


def guide_look(
    source: str, config: Config, present: Tab | None, links: Mapping[str, Link] = MappingProxyType({})
) -> TabLook:
    """The look of the guide. What people changed in it stays; whatever else stands there goes. `links`: what opens the
    tab of each unit that has one, by its code.
    """
    lines = with_edits(read_guide(source, config), present)
    wanted = {
        (number, column): value
        for number, line in enumerate(lines, start=1)
        for column, value in ((TERM, line.term), (EXPLANATION, line.explanation), (MARK, line.digest))
        if value
    }
    return TabLook(
        title=present.title if present else tabs.GUIDE,
        tag=bot_tag(tabs.GUIDE),
        header_row=0,
        columns=(
            *(ColumnLook(column, "", width, wrap=True) for column, width in enumerate(_WIDTHS, start=1)),
            ColumnLook(MARK, "", _MARK_WIDTH, Format.TEXT, hidden=True),
        ),
        values=tuple(_changes(wanted, present)),
        cells=tuple(
            look for number, line in enumerate(lines, start=1) for look in _looks(number, line, links.get(line.unit))
        ),
        row_heights=tuple(
            (number, _HEIGHTS[line.role]) for number, line in enumerate(lines, start=1) if line.role in _HEIGHTS
        ),
        colours=tuple(Colour(TERM, status.label, status.colour) for status in config.statuses if status.colour),
        body_rows=len(lines),
        tab_colour=BOT_COLOUR,
        portrait=True,
        printed=(1, len(_WIDTHS)),
        printed_down_to=next((number for number, line in enumerate(lines) if line.begins_reference), 0),
    )


_Line: TypeAlias = tuple[str, str]


def guide_problems(source: str, config: Config, present: Tab | None, today: date) -> tuple[Problem, ...]:
    """What is told once where the tab says anything but what holds today: `init` alone writes it.

    One that was written for a later day is no mistake: a command may be run as of a day that is past.
    """
    if present is None:
        return ()
    occurring = remembering_occurring_statuses()

    def lines_on(day: date) -> Sequence[_Line]:
        merged = with_edits(read_guide(source, config.on(day), occurring), present)
        lines = ((clean(line.term), clean(line.explanation)) for line in merged)
        return [line for line in lines if any(line)]

    there, wanted = _lines_of(present), lines_on(today)
    differing = [line for line in (*wanted, *there) if (line in wanted) != (line in there)]
    if not differing or any(set(lines_on(day)) == set(there) for day in _later_days(config, today)):
        return ()
    what = text("units.stale_guide.what", count=len(differing), line=shown(differing[0][0] or differing[0][1]))
    where, fix = text("units.stale_guide.where", tab=present.title), text("units.stale_guide.fix")
    return (Problem(where, what, fix, needs_person=False, told_once=True),)


def _lines_of(present: Tab) -> Sequence[_Line]:
    rows = ((*(clean(as_text(cell)) for cell in row[:EXPLANATION]), "", "") for row in present.rows)
    return [(term, explanation) for term, explanation, *_ in rows if term or explanation]


def _later_days(config: Config, today: date) -> Sequence[date]:
    """The days to come on which a text or the documents change."""
    ends = (each.until + timedelta(days=1) for each in config.documents if each.until)
    days = {*(since for since, _ in config.later), *(each.since for each in config.documents if each.since), *ends}
    return sorted(day for day in days if day > today)


def _changes(wanted: dict[tuple[int, int], str], present: Tab | None) -> Iterator[Value]:
    there: dict[tuple[int, int], Cell] = {}
    if present:
        there = {
            (number, column): cell
            for number, row in enumerate(present.rows, start=1)
            for column, cell in enumerate(row, start=1)
            if cell is not None
        }
    for place in sorted({*wanted, *there}):
        if there.get(place) != wanted.get(place):
            yield (*place, wanted.get(place))


def _looks(number: int, line: GuideLine, link: Link | None) -> Iterator[CellLook]:
    if line.role is Role.TITLE:
        yield CellLook(number, TERM, Role.TITLE)
        return
    # Not merged: a row with merged cells would not grow with its text.
    term = Role.LINK if link else Role.TERM if line.role is Role.TEXT else line.role
    yield CellLook(number, TERM, term, opens=link)
    yield CellLook(number, EXPLANATION, line.role)
