"""The result of a day as tables that are put away: who counts, who is done, who is not and why, under which rules, and
what each unit was told (for the assessment at the year's end). It states facts and grades nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from automation.base.messages import text
from automation.core.config.values import TO_CORRECT, Config, FieldCode, Status
from automation.core.judging.judged import Judged
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.mail.sent_tab import SentLine
from automation.core.model.units import CountsAs, Severity, Standing
from automation.core.model.workbook import Cell
from automation.core.reading.cells import as_text, is_blank, read_date
from automation.core.writing.moments import sheet_moment

_FIELDS = (FieldCode.CATEGORY, FieldCode.PARTY, FieldCode.ACTIVATED_ON, FieldCode.EXEMPTION, FieldCode.DEFERRED_UNTIL)
"""What is told of a person besides where they stand. No number, no birth date, no phone."""


class FrozenTable(Struct, frozen=True):
    """One table; `key` names its title and headers among the messages."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class Freezing(Struct, frozen=True):
    """What is put away."""

    name: str
    judged: Judged
    workbook: str
    in_force_since: date | None
    fingerprint: str
    """Of the rules and texts in force."""
    version: str
    """Of the program."""
    mails: Sequence[SentLine]
    with_names: bool = True


def frozen_tables(what: Freezing) -> tuple[FrozenTable, ...]:
    """The tables in the order in which they are read."""
    config = what.judged.config
    return (
        _table("summary", (), _summary(what)),
        _table("units", (), [_unit(each) for each in what.judged.standings]),
        _table("people", [config.field(code).header for code in _told_of_people(what)], list(_people(what))),
        _table("rules", (), list(dict.fromkeys(_rules(config)))),  # one rule may look at many fields
        _table("settings", (), _settings(what)),
        _table("mails", (), [each.cells for each in what.mails]),
    )


def _table(key: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> FrozenTable:
    said = tuple(text(f"freezing.{key}.headers").split(" | "))
    return FrozenTable(text(f"freezing.{key}.title"), (*said, *headers), rows)


def _summary(what: Freezing) -> list[Sequence[Cell]]:
    judged, total = what.judged, what.judged.total
    settings = judged.config.settings
    told: Mapping[str, Cell] = {
        "name": what.name,
        "moment": sheet_moment(judged.now, judged),
        "campaign": settings.campaign,
        "deadline": settings.deadline,
        "workbook": what.workbook,
        "in_force": what.in_force_since,
        "fingerprint": what.fingerprint,
        "version": what.version,
        "units": total.units,
        "unknown": sum(not each.known and not each.emptied for each in judged.standings),
        "in_scope": total.in_scope,
        "deferred": total.deferred,
        "done": total.done,
        "left": total.as_known(total.left),
        "rate": total.rate,
        "strict_rate": total.strict_rate,
    }
    return [(text(f"freezing.says.{key}"), value) for key, value in told.items()]


def _unit(of: Standing) -> Sequence[Cell]:
    as_of = text("freezing.known") if of.known else text("freezing.never") if of.as_of is None else of.as_of
    known = as_of.replace(second=0, microsecond=0, tzinfo=None) if not isinstance(as_of, str) else as_of
    people = (of.headcount, of.rows, of.not_entered, of.out_of_scope, of.in_scope, of.deferred, of.done)
    left = of.as_known(of.left)
    return (of.code, of.name, of.group, *people, left, of.rate, of.strict_rate, of.errors, known)


def _told_of_people(what: Freezing) -> list[str]:
    """Codes of the fields in use that the file tells of each person."""
    codes = (FieldCode.NAME, *_FIELDS) if what.with_names else _FIELDS
    return [code for code in codes if what.judged.config.uses(code)]


def _people(what: Freezing) -> Iterator[Sequence[Cell]]:
    judged, config = what.judged, what.judged.config
    of_code = {status.code: status for status in config.statuses}
    tables = {table.unit: table for table in judged.tables}
    names = judged.names
    errors = _errors(judged)
    codes = _told_of_people(what)
    for place, unit, row, status, label, todo in zip(
        judged.people.index, *(judged.people[each] for each in ("unit", "row", "status", "label", "todo")), strict=True
    ):
        counted = of_code[status].counts_as
        why = _why(of_code[status], errors.get(place, ()), todo)
        head = (unit, names[unit], int(row), label, text(f"freezing.counts.{counted.name.lower()}"), why)
        yield (*head, *(_told(tables[unit], int(row), code) for code in codes))


def _why(status: Status, errors: Sequence[str], todo: str) -> str:
    """Why somebody is not done: what is wrong, with how to correct it, and what else there is to do."""
    if status.counts_as in (CountsAs.DONE, CountsAs.OUT_OF_SCOPE):
        return ""
    todo = "" if TO_CORRECT in status.todo and errors else todo  # which says of the errors what they say themselves
    return " ".join(filter(None, ("; ".join(errors), todo)))


def _errors(judged: Judged) -> Mapping[int, list[str]]:
    """By person, what keeps them from counting as done; nothing of what they typed."""
    found: dict[int, list[str]] = defaultdict(list)
    of_errors = judged.findings[judged.findings["severity"] == Severity.ERROR.value]
    for place, message in zip(of_errors.index, of_errors["public_message"], strict=True):
        found[place].append(str(message))
    return found


def _told(table: UnitTable, row: int, code: str) -> Cell:
    """The cell of a person: a day as one, else its text."""
    cell = table.table.cell(table.row(row), code)
    if code in (FieldCode.ACTIVATED_ON, FieldCode.DEFERRED_UNTIL):
        day = read_date(cell)
        return day if isinstance(day, date) else None if is_blank(cell) else as_text(cell)
    columns = table.table.columns_of(code) if code in table.table.columns else ()
    return " ".join(filter(None, (as_text(table.tab.cell(row, column)) for column in columns))) or None


def _rules(config: Config) -> Iterator[tuple[Cell, ...]]:
    for rule in config.rules:
        yield text("freezing.rule"), rule.code, rule.mode.value, rule.severity.value, rule.message
    for status in config.statuses:
        yield text("freezing.status"), status.code, status.label, status.counts_as.value, status.todo
    for each in config.documents:
        yield text("freezing.document"), each.number, f"{each.dated:%d/%m/%Y}", None, each.subject


def _settings(what: Freezing) -> list[Sequence[Cell]]:
    """As they are typed; a file without names holds no address of anybody either."""
    left_out = text("freezing.left_out")
    settings = what.judged.config.raw_settings.items()
    return [(name, value if what.with_names or "@" not in value else left_out) for name, value in settings]
