"""Which cells of a unit's tab turn red or yellow where people type: those that `Lỗi cần sửa` names, and at once, before
anybody has judged the row, those of which the sheet itself can tell.

The sheet knows no other spellings, no words of other lines and no dates in texts. So a condition here holds only where
the rule that it stands for is sure to complain of the cell too: what it leaves out, the bot says a minute later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from automation.core.config.conditions import Blank, DateLimits, Kind, Operator, SubjectType, Term
from automation.core.config.values import Config, FieldCode, FieldType, Rule
from automation.core.judging.checks import (
    CONTRADICTION,
    FULL_NUMBER,
    IDENTITY_NUMBER,
    LOST_ZERO,
    OLD_NUMBER,
    PROPER_DATE,
    REQUIRED,
    UNREPEATED,
    Uniqueness,
)
from automation.core.model.layout import CellMark
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import column_letter
from automation.core.reading.tables import Composed, columns_of
from automation.core.writing.cell_marks import header_is_told, marked
from automation.core.writing.formulas import (
    all_of,
    any_of,
    digits_of,
    in_column,
    is_blank,
    is_filled,
    quoted,
    reference,
)

_TELLING = (FieldCode.IDENTITY, FieldCode.BIRTH_DATE, FieldCode.CARD, FieldCode.LEVEL, FieldCode.STAGE)
"""Where something stands in one of these, the row is a person's and no heading, subtotal or signature (design 2)."""
_FIRST_ROWS = 50
"""Whoever has entered anybody has done so within these."""


def unit_marks(
    config: Config, columns: Mapping[str, int], composed: Mapping[str, Composed], header_row: int
) -> tuple[CellMark, ...]:
    """The marks of a tab, errors first. `columns`: by field code; `composed`: the fields that stand in several."""
    inputs = [field for field in config.fields if field.code in columns and field.type.is_input]
    headers = {column: field.header for field in inputs for column in columns_of(composed, columns, field.code)}
    alone = {code: column for code, column in columns.items() if code not in composed}
    live = _live_conditions(_Sheet(config, alone, header_row))
    marks = []
    for severity in Severity:
        conditions = [f"IFERROR({any_of(live[severity])};FALSE)"] if live[severity] else []
        if FieldCode.TO_CORRECT in columns and headers:
            conditions.insert(0, header_is_told(columns[FieldCode.TO_CORRECT], header_row, headers, severity))
        if conditions:
            marks.append(CellMark(tuple(sorted(headers)), marked(conditions), severe=severity is Severity.ERROR))
    return tuple(marks)


def asks_of_everybody(rule: Rule) -> bool:
    """Whether a cell of its field may be blank in the row of nobody who has a name."""
    of_names = all(term.subject.field == FieldCode.NAME for term in rule.when.terms)
    return rule.mode is Mode.ON and rule.check == REQUIRED and rule.severity is Severity.ERROR and of_names


def first_row_marks(config: Config, columns: Mapping[str, int], header_row: int) -> Iterator[CellMark]:
    """As long as nobody is entered: where the first person goes, the cells that everybody must have."""
    if FieldCode.NAME not in columns:
        return
    asked = {rule.field for rule in config.rules if asks_of_everybody(rule)} | {FieldCode.NAME}
    letter = column_letter(columns[FieldCode.NAME])
    nobody = f"COUNTA(${letter}${header_row + 1}:${letter}${header_row + _FIRST_ROWS})=0"
    condition = f"IF(ROW()=ROW(${letter}${header_row})+1;{nobody};FALSE)"
    yield CellMark(tuple(sorted(columns[code] for code in asked & columns.keys())), marked([condition]), severe=False)


@dataclass(frozen=True)
class _Sheet:
    """A unit's tab, and the first row below its headers as formulas name it."""

    config: Config
    columns: Mapping[str, int]
    header_row: int

    def cell(self, code: str) -> str:
        return reference(self.columns[code], self.header_row + 1)


def _live_conditions(sheet: _Sheet) -> Mapping[Severity, list[str]]:
    """By severity, for each column of which the sheet can tell something by itself: when a cell of it is wrong."""
    found: dict[tuple[Severity, int], list[str]] = defaultdict(list)
    for rule in sheet.config.rules:
        if rule.mode is Mode.ON and rule.field in sheet.columns and rule.check in _BROKEN:
            conditions = _BROKEN[rule.check](rule, sheet)
            if conditions:
                found[rule.severity, sheet.columns[rule.field]].append(all_of(conditions))
    live: dict[Severity, list[str]] = {severity: [] for severity in Severity}
    for (severity, column), conditions in found.items():
        live[severity].append(in_column(column, sheet.header_row, any_of(conditions), "FALSE"))
    return live


# --- the checks that a sheet can make ---------------------------------------------------------------------


def _missing(rule: Rule, sheet: _Sheet) -> list[str]:
    telling = [sheet.cell(code) for code in _TELLING if code in sheet.columns and code != rule.field]
    concerned = _concerned(rule, sheet)
    if not telling or concerned is None:
        return []
    return [is_blank(sheet.cell(rule.field)), *concerned, is_filled("&".join(telling))]


def _contradictory(rule: Rule, sheet: _Sheet) -> list[str]:
    return _concerned(rule, sheet) or []


def _no_number(rule: Rule, sheet: _Sheet) -> list[str]:
    """Of the digits alone: what stands between them says nothing. Ten or eleven may be a number that lost its zeros."""
    digits = digits_of(sheet.cell(rule.field))
    wrong = {
        FULL_NUMBER: [f"{digits}<>9", any_of([f"{digits}<10", f"{digits}>12"])],
        LOST_ZERO: [f"{digits}>9", f"{digits}<12"],
        OLD_NUMBER: [f"{digits}=9"],
    }
    concerned = _concerned(rule, sheet)
    if concerned is None or rule.parameters not in wrong:
        return []
    return [is_filled(sheet.cell(rule.field)), *concerned, *wrong[rule.parameters]]


def _no_date(rule: Rule, sheet: _Sheet) -> list[str]:
    """A text of some digits and hardly anything between them: it lacks a day or a month, however it is read."""
    limits: DateLimits = rule.parameters
    cell, concerned = sheet.cell(rule.field), _concerned(rule, sheet)
    if concerned is None or sheet.config.field(rule.field).type is not FieldType.DATE:
        return []
    digits = digits_of(cell)
    broken = all_of([f"ISTEXT({cell})", f"{digits}>0", f"{digits}<8", f"LEN(TRIM({cell}))-{digits}<2"])
    return [*concerned, any_of([broken, is_blank(cell)] if limits.required else [broken])]


def _repeated(rule: Rule, sheet: _Sheet) -> list[str]:
    """Among the rows of which it is sure that the rule is about them: there the cells that it asks for are blank."""
    terms, asked = rule.when.terms, {term.subject.field for term in rule.when.terms}
    is_number = sheet.config.field(rule.field).type is FieldType.IDENTITY
    known = asked <= set(sheet.columns) and all(_is_of_words(term) and _fits(term, "") for term in terms)
    if not (is_number and known and rule.parameters == Uniqueness(within_unit=True)):
        return []
    cell = sheet.cell(rule.field)
    others = [f"{_whole(code, sheet)};{quoted('')}" for code in sorted(asked)]
    count = f"COUNTIFS({';'.join([_whole(rule.field, sheet), cell, *others])})>1"
    blank = [is_blank(sheet.cell(code)) for code in sorted(asked)]
    return [f"LEN({cell})>9", f"LEN({cell})={digits_of(cell)}", *blank, count]


def _whole(code: str, sheet: _Sheet) -> str:
    letter = column_letter(sheet.columns[code])
    return f"${letter}:${letter}"


_BROKEN: Mapping[str, Callable[[Rule, _Sheet], list[str]]] = {
    REQUIRED: _missing,
    CONTRADICTION: _contradictory,
    IDENTITY_NUMBER: _no_number,
    PROPER_DATE: _no_date,
    UNREPEATED: _repeated,
}
"""By name of the check: what must all hold for a cell to be sure to break the rule, nothing where that is not known."""


# --- whom a rule is about ---------------------------------------------------------------------------------


def _concerned(rule: Rule, sheet: _Sheet) -> list[str] | None:
    """What must all hold for the rule to be about a row; None where no sheet can tell."""
    terms = [_holding(term, sheet) for term in rule.when.terms]
    told = [each for each in terms if each]
    return told if len(told) == len(terms) else None


def _holding(term: Term, sheet: _Sheet) -> str:
    """Where the term is sure to hold, "" where no sheet can tell."""
    subject = term.subject
    if subject.field not in sheet.columns:
        return ""
    cell = sheet.cell(subject.field)
    if subject.type is SubjectType.FIELD and term.operator in (Operator.BLANK, Operator.PRESENT):
        return is_blank(cell) if term.operator is Operator.BLANK else is_filled(cell)
    if not _is_of_words(term):
        return ""
    fitting = [f"{cell}={quoted(value)}" for value, word in _words(term, sheet) if _fits(term, word)]
    if _fits(term, ""):
        fitting.append(is_blank(cell))
    return any_of(fitting) if fitting else ""


def _is_of_words(term: Term) -> bool:
    """Whether it compares with words of a list alone."""
    return term.subject.kind is Kind.LIST and all(isinstance(value, (str, Blank)) for value in term.values)


def _words(term: Term, sheet: _Sheet) -> Iterator[tuple[str, str]]:
    """Every value of the field's list, and what the term compares: the value itself, or what `Tính` says of it."""
    is_effect = term.subject.type is SubjectType.EFFECT
    for each in sheet.config.lists.get(sheet.config.field(term.subject.field).list_name, ()):
        yield each.value, each.counts if is_effect else each.value


def _fits(term: Term, word: str) -> bool:
    """Whether the term holds for the word; "" for a blank cell, and for a value of which `Tính` says nothing."""
    found = any(value == word or (isinstance(value, Blank) and not word) for value in term.values)
    match term.operator:
        case Operator.EQUAL | Operator.ONE_OF:
            return found
        case Operator.NOT_EQUAL:
            return not found
        case Operator.BLANK:
            return not word
        case Operator.PRESENT:
            return bool(word)
    return False
