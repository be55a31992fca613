"""Which cells of a unit's tab turn red or yellow where people type: those that `Lỗi cần sửa` names, and at once, before
anybody has judged the row, those of which the sheet itself can tell.

The sheet knows no other spellings, no words of other lines and no dates in texts. So a condition here holds only where
the rule that it stands for is sure to complain of the cell too: what it leaves out, the bot says a minute later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from automation.core.config.conditions import Blank, DateLimits, Kind, Operator, SubjectType, Term
from automation.core.config.values import OTHER_LINES, Config, FieldCode, FieldType, Rule
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
from automation.core.reading.cells import fold
from automation.core.reading.tables import Composed, columns_of
from automation.core.writing.cell_marks import header_is_told, marked
from automation.core.writing.formulas import (
    all_of,
    any_of,
    digits_of,
    first_word,
    has_letter,
    in_column,
    in_same_column,
    is_blank,
    is_filled,
    is_impossible_date,
    is_none_of,
    quoted,
    reference,
    without_digits,
)

_TELLING = (FieldCode.IDENTITY, FieldCode.BIRTH_DATE, FieldCode.CARD, FieldCode.LEVEL, FieldCode.STAGE)
"""Where something stands in one of these, the row is a person's and no heading, subtotal or signature."""
_LISTED = (FieldCode.GENDER, FieldCode.CATEGORY)
"""What is chosen from these lists is chosen for somebody."""
_TOTALS = ("tổng", "cộng")
_LONGEST_FORMULA = 7_500
"""Letters, of the 8,192 with which Excel still opens a file."""
_FIRST_ROWS = 50
"""Whoever has entered anybody has done so within these."""


def unit_marks(
    config: Config, columns: Mapping[str, int], composed: Mapping[str, Composed], header_row: int
) -> tuple[CellMark, ...]:
    """The marks of a tab, errors first. `columns`: by field code; `composed`: the fields that stand in several."""
    inputs = [field for field in config.fields if field.code in columns and field.type.is_input]
    headers = {column: field.header for field in inputs for column in columns_of(composed, columns, field.code)}
    alone = {code: column for code, column in columns.items() if code not in composed}
    sheet, told = _Sheet(config, alone, header_row), columns.get(FieldCode.TO_CORRECT, 0)
    places = dict(sorted(headers.items()))
    return tuple(mark for severity in Severity for mark in _marks(severity, places, told, sheet))


def _marks(severity: Severity, headers: Mapping[int, str], told: int, sheet: _Sheet) -> Iterator[CellMark]:
    """One for all columns of `headers`, or several where its formula would be longer than a file may hold; where it is
    for one column alone, without what the sheet can tell. `told`: the column of `Lỗi cần sửa`, 0 without.
    """
    live = _live_conditions(severity, headers, sheet)
    at_once = [f"IFERROR({any_of(live)};FALSE)"] if live else []
    later = [header_is_told(told, sheet.header_row, headers, severity)] if told and headers else []
    places = list(headers)
    if at_once and len(marked([*later, *at_once])) > _LONGEST_FORMULA:
        half = len(places) // 2
        for part in (places[:half], places[half:]) if half else ():
            yield from _marks(severity, {column: headers[column] for column in part}, told, sheet)
        if half:
            return
        at_once = []
    if conditions := [*later, *at_once]:
        yield CellMark(tuple(places), marked(conditions), severe=severity is Severity.ERROR)


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


class _Sheet(Struct, frozen=True):
    """A unit's tab, and the first row below its headers as formulas name it."""

    config: Config
    columns: Mapping[str, int]
    header_row: int

    def cell(self, code: str) -> str:
        return reference(self.columns[code], self.header_row + 1)

    @property
    def live_rules(self) -> list[Rule]:
        """Those of which a sheet can tell something, about a column that the tab has."""
        rules = (rule for rule in self.config.rules if rule.mode is Mode.ON and rule.check in _BROKEN)
        return [rule for rule in rules if rule.field in self.columns]

    def is_in(self, code: str) -> str:
        """Holds for cells of that column."""
        return f"COLUMN()=COLUMN(${column_letter(self.columns[code])}${self.header_row})"

    def same_column(self, row: int, *, absolute: bool = False) -> str:
        """The cell in that row of the column that is looked at."""
        places = self.columns.values()
        return in_same_column(min(places), max(places), row, self.header_row, absolute=absolute)

    def equals_word(self, code: str) -> str:
        """Where the cell holds a value of its list as it is spelled there; "" for a field without one."""
        values = self.config.lists.get(self.config.field(code).list_name, ())
        return any_of([f"{self.cell(code)}={quoted(each.value)}" for each in values]) if values else ""

    def words_of_other_lines(self) -> set[str]:
        """What the names of headings, subtotals and signatures begin with."""
        names = (name for each in self.config.lists.get(OTHER_LINES, ()) for name in each.names)
        return {fold(name).split()[0] for name in (*names, *_TOTALS) if name.strip()}


def _live_conditions(severity: Severity, places: Collection[int], sheet: _Sheet) -> list[str]:
    """For each of the columns `places` of which the sheet can tell something by itself: when a cell of it is wrong."""
    rules = [each for each in sheet.live_rules if each.severity is severity and sheet.columns[each.field] in places]
    found: dict[int, list[str]] = defaultdict(list)
    for rule in rules:
        if conditions := _BROKEN[rule.check](rule, sheet):
            found[sheet.columns[rule.field]].append(all_of(conditions))
    live = [in_column(column, sheet.header_row, any_of(conditions), "FALSE") for column, conditions in found.items()]
    return [*live, *_no_dates(rules, sheet)]


# --- the checks that a sheet can make ---------------------------------------------------------------------


def _missing(rule: Rule, sheet: _Sheet) -> list[str]:
    telling = [sheet.cell(code) for code in _TELLING if code in sheet.columns and code != rule.field]
    concerned = _concerned(rule, sheet)
    if not telling or concerned is None:
        return []
    of_person = [is_filled("&".join(telling)), *_listed_person(rule, sheet)]
    return [is_blank(sheet.cell(rule.field)), *concerned, any_of(of_person)]


def _listed_person(rule: Rule, sheet: _Sheet) -> list[str]:
    """Where nothing tells yet and everybody is asked: a name that no other line begins with, and beside it a word of
    one of the lists.
    """
    listed = [sheet.equals_word(code) for code in _LISTED if code in sheet.columns and code != rule.field]
    if not any(listed) or FieldCode.NAME not in sheet.columns or not _asks_whoever_has_a_name(rule):
        return []
    word = first_word(sheet.cell(FieldCode.NAME))
    no_other_line = [has_letter(f"RIGHT({word})"), is_none_of(word, sheet.words_of_other_lines())]
    return [all_of([any_of(filter(None, listed)), *no_other_line])]


def _asks_whoever_has_a_name(rule: Rule) -> bool:
    return bool(rule.when.terms) and all(term.subject.field == FieldCode.NAME for term in rule.when.terms)


def _contradictory(rule: Rule, sheet: _Sheet) -> list[str]:
    return _concerned(rule, sheet) or []


def _no_number(rule: Rule, sheet: _Sheet) -> list[str]:
    """Of the digits alone: what stands between them says nothing. Ten or eleven may be a number that lost its zeros.
    Each condition counts them once, for that is long: by how far twice their number is from 21.
    """
    digits = digits_of(sheet.cell(rule.field))
    wrong = {
        FULL_NUMBER: f"ABS(2*({digits})-21)>3",  # neither 9 nor 10 to 12
        LOST_ZERO: f"ABS(2*({digits})-21)=1",  # 10 or 11
        OLD_NUMBER: f"{digits}=9",
    }
    concerned = _concerned(rule, sheet)
    if concerned is None or rule.parameters not in wrong:
        return []
    return [is_filled(sheet.cell(rule.field)), *concerned, wrong[rule.parameters]]


def _no_date(rule: Rule, sheet: _Sheet) -> list[str]:
    """A date that has to be there and is not; what is no date: `_no_dates`."""
    limits: DateLimits = rule.parameters
    concerned = _concerned(rule, sheet)
    if concerned is None or not limits.required or sheet.config.field(rule.field).type is not FieldType.DATE:
        return []
    return [*concerned, is_blank(sheet.cell(rule.field))]


def _no_dates(rules: Sequence[Rule], sheet: _Sheet) -> list[str]:
    """Of all columns of dates at once, for the formula has to end somewhere: a text that is no date however it is read.
    It has no digit at all, or too few of them, or names a day that no month has.
    """
    asked = {rule.field: _concerned(rule, sheet) for rule in rules if _is_about_a_date(rule, sheet)}
    telling = [sheet.cell(code) for code in _TELLING if code in sheet.columns]
    of_columns = [all_of([sheet.is_in(code), *concerned]) for code, concerned in asked.items() if concerned is not None]
    if not of_columns or not telling:
        return []
    cell, header = sheet.same_column(sheet.header_row + 1), sheet.same_column(sheet.header_row, absolute=True)
    words = all_of([has_letter(cell), f"{cell}<>{header}", is_filled("&".join(telling))])
    few = all_of([f"LEN(TRIM({cell}))<8", f"LEN({without_digits(f'TRIM({cell})')})<2"])
    broken = any_of([f"IF({without_digits(cell)}={cell};{words};{few})", is_impossible_date(cell)])
    return [f"IF({any_of(of_columns)};IF(ISTEXT({cell});{broken};FALSE);FALSE)"]


def _is_about_a_date(rule: Rule, sheet: _Sheet) -> bool:
    return rule.check == PROPER_DATE and sheet.config.field(rule.field).type is FieldType.DATE


def _repeated(rule: Rule, sheet: _Sheet) -> list[str]:
    """Among the rows of which it is sure that the rule is about them: there the cells that it asks for are blank. Only
    for a number that stands there twice is that asked: looking for blanks goes through a million rows, and LibreOffice
    does so for each row of a block that is pasted.
    """
    terms, asked = rule.when.terms, {term.subject.field for term in rule.when.terms}
    is_number = sheet.config.field(rule.field).type is FieldType.IDENTITY
    known = asked <= set(sheet.columns) and all(_is_of_words(term) and _fits(term, "") for term in terms)
    if not (is_number and known and rule.parameters == Uniqueness(within_unit=True)):
        return []
    cell = sheet.cell(rule.field)
    others = [f"{_whole(code, sheet)};{quoted('')}" for code in sorted(asked)]
    number = [_whole(rule.field, sheet), cell]
    count = f"IF(COUNTIF({';'.join(number)})>1;COUNTIFS({';'.join([*number, *others])})>1;FALSE)"
    blank = [is_blank(sheet.cell(code)) for code in sorted(asked)]
    return [f"LEN({cell})>9", f"LEN({without_digits(cell)})=0", *blank, count]


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
